"""Every error that Pennybridge raises on purpose, and whether trying again can help.

    PennybridgeError              .retry
    ├── ConfigurationError        never    a setting is missing or contradicts another; nothing was sent
    ├── StoreError                never    the database cannot be opened, written or understood
    │   └── DatabaseBusyError     never    another process holds the database; carries what is known of it
    ├── ApiError
    │   ├── TransportError        reads    no answer came back
    │   ├── ServerError           reads    5xx
    │   ├── NotPennylaneError     never    an answer came, but not from a Pennylane API
    │   ├── RateLimitError        always   429; carries retry_after in seconds
    │   ├── AuthenticationError   never    401; the connection must be authorized again
    │   ├── ScopeError            never    403; carries the missing scope
    │   ├── NotFoundError         never    404
    │   └── RejectedError         never    400, 409, 422; carries Pennylane's message word for word
    ├── SyncError
    │   ├── ChangelogGapError     never    the bookmark is older than what Pennylane keeps: full load
    │   ├── PayloadError          never    a field the tables need vanished or changed type
    │   ├── SyncStoppedError      never    the sync was told to stop; the next one goes on from there
    │   └── ImplausibleDeletionError  never  a load would mark an implausible share of a table as deleted
    ├── PublishError              never    a destination refused, or cannot be reached
    ├── ModelError                never    a model or check failed; carries its name and first offending rows
    └── InvoicingError
        ├── DraftError            never    carries every problem found, each with its row and field
        ├── StylesheetError       never    a rule set could not be run: whether a file is valid is not known
        ├── NotYetError           never    Pennylane is still making what a step needs: try it in a while
        └── OutcomeUnknownError   never    sent, unanswered: look up external_reference before resending

Callers decide by type, the retry loop by `.retry`. A message says what happened, what was left behind and
what to do.
"""

from typing import ClassVar, Literal

Retry = Literal["never", "reads", "always"]


class PennybridgeError(Exception):
    """Anything Pennybridge refuses or fails to do; its text is written for the person who reads it."""

    retry: ClassVar[Retry] = "never"


class ConfigurationError(PennybridgeError):
    """A setting is missing or contradicts another; nothing was sent.

    The text is `sentence` with `values` filled in; a page can say the sentence in another language.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence.format(**values) if values else sentence)
        self.sentence = sentence
        self.values = values


class StoreError(PennybridgeError):
    """The database cannot be opened, written or understood."""


class DatabaseBusyError(StoreError):
    """Another process holds the database."""


class ApiError(PennybridgeError):
    """A request to Pennylane did not give what was asked.

    `method` and `url` name the request (no query values, no token), `status` is the HTTP status or None,
    `request_id` is Pennylane's `x-request-id`, `body` the answer's text, at most 2,000 characters.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str = "",
        url: str = "",
        status: int | None = None,
        request_id: str | None = None,
        body: str = "",
    ) -> None:
        super().__init__(message)
        self.method = method
        self.url = url
        self.status = status
        self.request_id = request_id
        self.body = body[:2000]


class TransportError(ApiError):
    """No answer came back: refused, cut, or timed out. `sent` is False when the request surely never left."""

    retry: ClassVar[Retry] = "reads"
    sent: bool = True


class ServerError(ApiError):
    """Pennylane answered 5xx; `retry_after` is what it asked us to wait, in seconds."""

    retry: ClassVar[Retry] = "reads"
    retry_after: float = 0.0


class NotPennylaneError(ApiError):
    """An answer came, but not one a Pennylane API gives: the base URL is probably wrong."""


class RateLimitError(ApiError):
    """429: the token's 25 requests of this 5-second window are used up."""

    retry: ClassVar[Retry] = "always"
    retry_after: float = 5.0


class AuthenticationError(ApiError):
    """401: the token is missing, expired or revoked; Pennylane does not say which."""


class ScopeError(ApiError):
    """403: the grant does not cover this."""

    scope: str | None = None


class NotFoundError(ApiError):
    """404: no such record in this company."""


class RejectedError(ApiError):
    """400, 409 or 422: Pennylane refused the request; the message carries its own words."""


class SyncError(PennybridgeError):
    """A load could not be done; what was committed before stays."""


class ChangelogGapError(SyncError):
    """The bookmark is older than the four weeks of changes Pennylane keeps; a full load is due."""


class PayloadError(SyncError):
    """A field that the tables need vanished or changed its type."""


class SyncStoppedError(SyncError):
    """The sync was told to stop; what was committed stays, and the next one goes on from there."""


class ImplausibleDeletionError(SyncError):
    """A load would mark an implausible share of a table as deleted; nothing was marked."""


class PublishError(PennybridgeError):
    """A destination refused what was published to it, or cannot be reached; what it took before stays."""


class ModelError(PennybridgeError):
    """A model or check failed; carries its name and the first offending rows."""

    def __init__(
        self, message: str, *, model: str = "", rows: list[tuple[object, ...]] | None = None
    ) -> None:
        super().__init__(message)
        self.model = model
        self.rows = rows or []


class InvoicingError(PennybridgeError):
    """An invoice could not be sent as meant."""


class DraftError(InvoicingError):
    """An invoice is not fit to be sent; `problems` holds every problem found."""

    def __init__(self, message: str, *, problems: list[object] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or []


class StylesheetError(InvoicingError):
    """A stylesheet could not be run over a document: whether the document is valid is not known."""


class NotYetError(InvoicingError):
    """Pennylane is not ready for a step (409): the PDF or the e-invoice is still being made."""


class OutcomeUnknownError(InvoicingError):
    """Sent, but no answer came: look up the external reference before sending again."""
