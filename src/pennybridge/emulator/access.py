"""Who may read what: tokens, the company each opens, and its scopes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pennybridge.emulator.answers import Refusal
from pennybridge.emulator.books import Books
from pennybridge.emulator.contract import Contract, Operation

DEFAULT_TOKEN = "emulator-company-"  # noqa: S105 - printed on purpose: the emulator's tokens are no secret


@dataclass
class Access:
    """What a token opens."""

    company_id: int
    scopes: frozenset[str]
    expires_at: datetime | None = None
    """From then on it opens nothing; None for API tokens, which last."""


class Tokens:
    """The tokens in force; `emulator-company-<n>` opens company n with every scope until told otherwise."""

    def __init__(self, books: Books, contract: Contract) -> None:
        self._books = books
        self.every_scope = frozenset(
            scope for operation in contract.operations.values() for scope in operation.scopes
        )
        self._given: dict[str, Access] = {}
        self._revoked: set[str] = set()

    def give(
        self,
        token: str,
        company_id: int,
        scopes: Iterable[str] | None = None,
        *,
        expires_at: datetime | None = None,
    ) -> None:
        """Put a token in force, with these scopes or all of them; replaces what it opened before."""
        self._revoked.discard(token)
        opened = self.every_scope if scopes is None else frozenset(scopes)
        self._given[token] = Access(company_id, opened, expires_at)

    def revoke(self, token: str) -> None:
        """From now on the token opens nothing."""
        self._revoked.add(token)

    def in_force(self) -> dict[str, Access]:
        """The tokens that open something now; those of companies that nobody has used yet are left out."""
        now = self._books.clock()
        return {
            token: access
            for token, access in self._given.items()
            if token not in self._revoked and (access.expires_at is None or now < access.expires_at)
        }

    def access(self, token: str) -> Access:
        """What the token opens.

        Raises:
            Refusal: 401. Missing, expired and revoked tokens read the same (documented).
        """
        if token not in self._revoked:
            found = self._given.get(token) or self._default(token)
            if found and (found.expires_at is None or self._books.clock() < found.expires_at):
                return found
        raise Refusal(401, "The access token is invalid")

    def _default(self, token: str) -> Access | None:
        number = token.removeprefix(DEFAULT_TOKEN)
        company = self._books.company(int(number)) if number.isdecimal() else None
        if company is None or token == number:
            return None
        self.give(token, company.id)
        return self._given[token]


def check_scope(operation: Operation, access: Access) -> None:
    """Refuse with 403, naming the scope, what the token does not cover (text documented)."""
    if operation.scopes and not access.scopes.intersection(operation.scopes):
        raise Refusal(403, f'Access to this resource requires scope "{operation.scopes[0]}".')
