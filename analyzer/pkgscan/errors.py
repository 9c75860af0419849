"""The errors a user can mend, and the codes a run ends with."""

EXIT_PASS, EXIT_FAIL, EXIT_USAGE, EXIT_INCOMPLETE, EXIT_ERROR, EXIT_INTERRUPTED = 0, 1, 2, 3, 4, 130


class UserError(Exception):
    """The user's file, option or environment is wrong; the command line prints it in one line and exits 2.

    `message` names the thing that is wrong; `hint` says what to do next.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message
