"""What went wrong, in words for the person who looks at the page, in their language."""

from fastapi import Request

from pennybridge.connections.connection import OtherCompanyError
from pennybridge.errors import (
    AuthenticationError,
    PennybridgeError,
    ScopeError,
    ServerError,
    TransportError,
)
from pennybridge.hub.languages import language_of, translate

STALE = "This page was out of date, so nothing was changed. It now shows the company as it is."
"""A button was pressed that the company's state no longer offers: in a second tab, or after going back."""
TOO_LATE = (
    "A sync is under way and cannot take this up any more. Nothing was changed. Ask again when it has ended."
)
"""Something was asked to be read whole while a sync ran."""
OTHER_COMPANY = (
    "This grant is of {granted}, but the connection is of {expected}. Nothing was changed. "
    "Authorize it again for {expected}, or connect {granted} as a company of its own."
)
REFUSED = (
    "Pennylane refuses this token. Nothing was stored. "
    "Copy it again, or make a new one in Pennylane’s settings."
)
PLAIN: tuple[tuple[type[PennybridgeError], str], ...] = (
    (AuthenticationError, REFUSED),
    (ScopeError, "Pennylane refuses this: the grant lacks a permission. Nothing was changed."),
    (TransportError, "Pennylane does not answer. Nothing was changed. Try again in a while."),
    (ServerError, "Pennylane does not answer. Nothing was changed. Try again in a while."),
)
"""Errors whose own text is for people at a terminal."""


def in_words(request: Request, error: PennybridgeError | str) -> str:
    """A sentence about an error; one without French stays in English."""
    language = language_of(request)
    if isinstance(error, OtherCompanyError):
        return translate(OTHER_COMPANY, language).format(granted=error.granted, expected=error.expected)
    for kind, sentence in PLAIN:
        if isinstance(error, kind):
            return translate(sentence, language)
    return translate(str(error), language)
