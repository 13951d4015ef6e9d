"""A text that must not be seen: it prints as `***` wherever it turns up by accident."""

import hashlib
import hmac


class Secret:
    """A token or password. Only `reveal()` gives the text; `repr`, `str`, formatting and logs give `***`.

    >>> print(Secret("abc"), f"{Secret('abc')}", [Secret("abc")])
    *** *** [Secret(***)]
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: for the request header and the seal, nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled: pass it in memory, or seal it")


def digest_of(text: str) -> str:
    """What is kept of a random text that opens something, to know it again by."""
    return hashlib.sha256(text.encode()).hexdigest()
