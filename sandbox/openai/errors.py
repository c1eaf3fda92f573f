"""What the service says when it refuses a client event.

Texts and codes are those seen in public bug reports of the real service where one was found; the others
follow the same form. Clients should branch on `code` and `param`, never on the text.
"""


class RefusedError(Exception):
    """A client event that the service does not accept: becomes one `error` event; the session stays open."""

    def __init__(self, message: str, *, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
