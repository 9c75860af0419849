r"""Words and operators of the shell as patterns, one for each state of reading: possessive, so that none backtracks.

POSIX.1-2017, Shell Command Language, 2.2 Quoting and 2.3 Token Recognition, and what bash and ksh add to it.
"""

from __future__ import annotations

from pkgscan.patterns import pattern

NAME = r"[A-Za-z_][A-Za-z0-9_]*+"
PLAIN = r"[^ \t\n;&|<>()\"'`$\\]++"  # in a bare word
SIMPLE_VARIABLE = rf"\$(?:{NAME}|[0-9@*\#?$!-]|\{{(?:{NAME}|[0-9]++|[@*\#?$!-])\}})"
# A whole word in which nothing has to be parsed further to know where it ends: the bulk of all words.
SIMPLE_WORD = (
    rf"(?:{PLAIN}|'[^']*+'|\"(?:[^\"$`\\]++|\\.|{SIMPLE_VARIABLE})*+\"|{SIMPLE_VARIABLE}|\\[^\n]"
    r"|\$'(?:[^'\\]++|\\.)*+')++(?![$`\"'\\(])"
)
BLANKS = r"(?:[ \t]++|\\\n)*+"
DESCRIPTOR = rf"(?:[0-9]++|\{{{NAME}\}})?+"

# The groups of TOKEN, by which the parser goes.
REDIRECT, WORD, NEWLINE, OPERATOR, COMMENT, END, COMPLEX = range(1, 8)
TOKEN = pattern(
    rf"""(?sx) {BLANKS} (?:
    ( {DESCRIPTOR} (?: <<<|<<-|<<|<&|<>|<(?!\()|>>|>\||>&|>(?!\() ) | &>>|&> )
  | ( (?!\#) {SIMPLE_WORD} )
  | ( \n )
  | ( ;;&|;;|;&|; | &&|& | \|\||\|&|\| | \( | \) )
  | ( \#[^\n]*+ )
  | ( \Z )
  | () )"""
)
EMPTY_LINES = pattern(r"(?:[ \t\n]++|\\\n|#[^\n]*+)*+")  # between commands, where no here-doc waits for its text
ASSIGNMENT = pattern(rf"({NAME})(?:\[((?:[^\[\]]++|\[[^\[\]]*+\])*+)\])?+(\+?)=")
WHOLE_NAME = pattern(rf"{NAME}\Z")
FOR_NAME = pattern(rf"{BLANKS}({NAME})(?=[ \t\n;]|\Z)")
IN = pattern(r"(?:[ \t\n]++|\\\n|#[^\n]*+)*+in(?=[ \t\n;]|\\\n|\Z)")
ARITHMETIC = pattern(rf"{BLANKS}(\(\()")
SEPARATOR = pattern(rf"{BLANKS};?")
CLOSED = pattern(r"[ \t]*+\)")
FUNCTION = pattern(rf"{BLANKS}([^\s;&|<>()\"'`$\\]++){BLANKS}(?:\([ \t]*+\))?")
TIMED = pattern(rf"{BLANKS}(?:-p{BLANKS})?(\(|[^\s;&|<>()]++)")
NAMED_COPROC = pattern(rf"{BLANKS}({NAME})(?={BLANKS}[{{(])")
TEST_TOKEN = pattern(
    rf"""(?sx) (?:[ \t\n]++|\\\n|(?<=[ \t\n])\#[^\n]*+)*+ (?:
    ( && | \|\| | \( | \) | <(?!\() | >(?!\() )
  | ( {SIMPLE_WORD} )
  | ( \Z )
  | () )"""
)
EXTENDED = frozenset("?*+@!")  # before a parenthesis, in a word: an extended pattern

# What runs to the next thing that means something, in each state of a word.
BARE_RUN = pattern(PLAIN)
QUOTED_RUN = pattern(r"[^\"$`\\]++")
BODY_RUN = pattern(r"[^$`\\]++")
OPERAND_RUN = pattern(r"[^}\"'`$\\]++")
QUOTED_OPERAND_RUN = pattern(r"[^}\"`$\\]++")
ARITHMETIC_RUN = pattern(r"[^()\"'`$\\]++")
BRACKETED_RUN = pattern(r"[^\[\]\"'`$\\]++")
GROUP_RUN = pattern(r"[^()\"'`$\\]++")
REGEX_RUN = pattern(r"[^ \t\n()\"'`$\\]++")
SINGLE_QUOTED = pattern(r"'([^']*+)'")
ANSI_QUOTED = pattern(r"(?s)\$'((?:[^'\\]++|\\.)*+)'")
PARAMETER = pattern(rf"\$({NAME}|[0-9@*#?$!-])")
# `${`: what is asked of the variable before its name, the name, and the operator behind it.
EXPANSION = pattern(rf"\$\{{([#!]?)({NAME}|[0-9]++|[@*#?$!-])(?=[}}:=?+%#/^,@\[*-])")
EXPANSION_OPERATOR = pattern(r"(:?)([-=?+])")
BACKTICKED = pattern(r"(?s)`((?:[^`\\]++|\\.)*+)`")
PARENTHESES = pattern(r"(?s)[()]|\\.|'[^']*+'|\"(?:[^\"\\]++|\\.)*+\"")
ESCAPED = {False: pattern(r"\\([`$\\])"), True: pattern(r"\\([`$\\\"])")}  # in backticks, and in quoted ones
INDENTED = pattern(r"\t++")
LINE_END = pattern(r"\n")
LEADING_TABS = pattern(r"(?m)^\t++")
