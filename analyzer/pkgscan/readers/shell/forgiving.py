"""The forgiving reader: what tree-sitter makes of a text that the strict one refuses. Sole importer of tree-sitter.

It always answers, so "no error" does not mean that it read the whole: commands in what it calls an error are taken as
well, and the caller says that the text was read in part. It loses some commands without a word, which are mended: the
braces of `! { a; }` come as command words, and so does `coproc`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import tree_sitter
import tree_sitter_bash

from pkgscan.readers.shell import tree_commands as commands
from pkgscan.readers.shell import tree_compounds as compounds
from pkgscan.readers.shell.parsed import Parsed
from pkgscan.readers.shell.tree_walk import Handler, Walk

CPU_LIMIT = 1.0  # seconds for one text; 4 MB of real scripts take half of it, a hostile 150 kB would take 30
PIECE = 1 << 16  # bytes handed over at a time
READ: Mapping[str, Handler] = {
    "command": commands.read_command,
    "declaration_command": commands.read_command,
    "unset_command": commands.read_command,
    "test_command": commands.read_test,
    "variable_assignment": commands.read_assignment,
    "redirected_statement": commands.read_redirected,
    "list": compounds.read_list,
    "pipeline": compounds.read_pipeline,
    "negated_command": lambda walk, node: walk.within("not", node.children),
    "if_statement": compounds.read_if,
    "while_statement": compounds.read_while,
    "for_statement": compounds.read_for,
    "c_style_for_statement": compounds.read_for,
    "case_statement": compounds.read_case,
    "function_definition": compounds.read_function,
    "subshell": lambda walk, node: walk.within("subshell", node.children),
    "command_substitution": compounds.read_substitution,
    "process_substitution": compounds.read_substitution,
    "ERROR": compounds.read_error,
}


class TooDearError(Exception):
    """The text costs more than it is worth: some errors make tree-sitter's way back from them quadratic."""


def parse_forgivingly(text: str) -> Parsed:
    """The commands that can be made out in a text, and where it is not shell. Raises TooDearError."""
    data = text.encode("utf-8", "surrogatepass")
    ends = time.process_time() + CPU_LIMIT
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
    try:
        tree = parser.parse(
            lambda offset, _: data[offset : offset + PIECE],
            progress_callback=lambda _offset, _error: time.process_time() > ends,
        )
    except ValueError as error:
        raise TooDearError from error
    return Walk(text, data, READ).walk(tree.root_node)
