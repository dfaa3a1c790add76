"""What a verb raises when it refuses. The edge turns each into a page, a message beside a field, or an HTTP status."""


class DomainError(Exception):
    """A refusal that a person can understand: `message` is already in the reader's words (a lazy text is fine)."""

    status = 400

    def __init__(self, message: object = "", *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Invalid(DomainError):
    """The input can't be accepted; `field` names the form field at fault."""

    status = 422


class NotFound(DomainError):
    """It doesn't exist, or not for this actor: the two are told apart by nobody."""

    status = 404


class NotAllowed(DomainError):
    """The actor may see it but may not do this."""

    status = 403


class Conflict(DomainError):
    """Somebody or some clock was faster: the state has moved on and nothing was done."""

    status = 409


class TooMany(DomainError):
    """A limit of attempts is reached."""

    status = 429
