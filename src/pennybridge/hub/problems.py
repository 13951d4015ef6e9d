"""What went wrong, in words for the person who looks at a page, in their language."""

from pennybridge.errors import (
    AuthenticationError,
    ConfigurationError,
    DatabaseBusyError,
    NotFoundError,
    PennybridgeError,
    RateLimitError,
    ScopeError,
    ServerError,
    TransportError,
)
from pennybridge.hub.languages import translate
from pennybridge.reports.text import Language, Text

Problem = PennybridgeError | Text | str
"""What a page can be given to say; a text is English, and has its French in `translations/` or none."""

STALE = "This page was out of date, so nothing was changed. It now shows the company as it is."
"""A button was pressed that the company's state no longer offers: in a second tab, or after going back."""
TOO_LATE = (
    "A sync is under way and cannot take this up any more. Nothing was changed. Ask again when it has ended."
)
"""Something was asked to be read whole while a sync ran."""
REFUSED = (
    "Pennylane refuses this access. Nothing was stored. Copy the token again, make a new one in Pennylane’s "
    "settings, or authorize the company again."
)
NO_ANSWER = "Pennylane does not answer. Nothing was changed. Try again in a while."
PLAIN: tuple[tuple[type[PennybridgeError], str], ...] = (
    (AuthenticationError, REFUSED),
    (ScopeError, "Pennylane refuses this: the grant lacks a permission. Nothing was changed."),
    (NotFoundError, "Pennylane no longer has this. Nothing was changed."),
    (RateLimitError, NO_ANSWER),
    (TransportError, NO_ANSWER),
    (ServerError, NO_ANSWER),
    (DatabaseBusyError, "The data is in use elsewhere. Nothing was changed. Try again in a while."),
)
"""Errors whose own text is for people at a terminal."""


def in_words(problem: Problem, language: Language) -> str:
    """A sentence about a problem; one without French stays in English."""
    if isinstance(problem, Text):
        return problem.to(language)
    for kind, sentence in PLAIN:
        if isinstance(problem, kind):
            return translate(sentence, language)
    if isinstance(problem, ConfigurationError) and problem.values:
        return translate(problem.sentence, language).format(**problem.values)
    return translate(str(problem), language)
