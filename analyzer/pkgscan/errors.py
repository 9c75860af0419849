"""The errors a user can mend: what is wrong, and what to do next."""


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
