"""Archives that stand behind a program or a script in the same file."""
