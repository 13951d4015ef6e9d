"""How often a password may be guessed, so that neither guessing nor locking others out gets far.

A sign-in is counted under its name and under the address it comes from. Counting alone would let anybody shut
out somebody else by failing on purpose, and behind a proxy that hides addresses, everybody. So a browser in
which the same user has signed in before carries a cookie that proves it, and is counted by itself.

Source:
    https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
"""

import ipaddress
import secrets
from collections.abc import Mapping
from datetime import timedelta

from pennybridge.api.secret import digest_of
from pennybridge.clock import Clock
from pennybridge.errors import ConfigurationError
from pennybridge.store.state import StateDatabase

COUNTED_FOR = timedelta(minutes=15)
ALLOWED = 5
"""Failures of a name, or of a browser that is known."""
ALLOWED_PER_ADDRESS = 20
"""More than for a name: a whole office may come from one address."""
BROWSER_IS_KNOWN_FOR = timedelta(days=365)


class ThrottledError(ConfigurationError):
    """Too many sign-ins failed lately; the password was not looked at."""


class Attempts:
    """The sign-ins of the last fifteen minutes that did not succeed, and the browsers that are known."""

    def __init__(self, state: StateDatabase, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    def limits(self, name: str, address: str, browser: str) -> dict[str, int]:
        """What a sign-in is counted under, and how often each may fail.

        Args:
            name: Of the user, as stored.
            address: The caller's IP address; of IPv6 the network of 64 bits counts, which one person has.
            browser: What its cookie says, if anything.
        """
        if self.is_known(browser, name):
            return {f"browser {digest_of(browser)}": ALLOWED}
        return {f"name {name}": ALLOWED, f"address {_network(address)}": ALLOWED_PER_ADDRESS}

    def begin(self, limits: Mapping[str, int]) -> str:
        """Count an attempt, before its password is looked at; the attempt's number.

        It is written down before others are counted, so that of attempts side by side no more than
        allowed go on.

        Raises:
            ThrottledError: Too many failed; this one is not counted.
        """
        number, now = secrets.token_hex(8), self._clock()
        with self._state.transaction() as transaction:
            transaction.execute(
                "delete from sign_in_failures where failed_at < :since", since=now - COUNTED_FOR
            )
            for key in limits:
                transaction.execute(
                    "insert into sign_in_failures (attempt, name, failed_at) values (:id, :key, :now)",
                    id=number,
                    key=_bucket(key),
                    now=now,
                )
        if any(self._counted(key) > allowed for key, allowed in limits.items()):
            with self._state.transaction() as transaction:
                transaction.execute("delete from sign_in_failures where attempt = :id", id=number)
            raise ThrottledError("Too many sign-ins failed. Wait fifteen minutes, then try again.")
        return number

    def succeeded(self, number: str, limits: Mapping[str, int]) -> None:
        """Forget an attempt that was right, and the failures of its name or browser; not of its address."""
        with self._state.transaction() as transaction:
            transaction.execute("delete from sign_in_failures where attempt = :id", id=number)
            for key, allowed in limits.items():
                if allowed == ALLOWED:
                    transaction.execute("delete from sign_in_failures where name = :key", key=_bucket(key))

    def is_known(self, browser: str, name: str) -> bool:
        """Whether a user has signed in in this browser before."""
        return bool(browser) and bool(
            self._state.rows(
                "select 1 from known_browsers join users on users.id = known_browsers.user_id "
                "where digest = :digest and users.name = :name and expires_at > :now",
                digest=digest_of(browser),
                name=name,
                now=self._clock(),
            )
        )

    def know(self, user_id: str) -> str:
        """Know a browser of a user from now on; the text for its cookie, of which a digest is kept."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._state.transaction() as transaction:
            transaction.execute("delete from known_browsers where expires_at <= :now", now=now)
            transaction.execute(
                "insert into known_browsers values (:digest, :user_id, :expires_at)",
                digest=digest_of(token),
                user_id=user_id,
                expires_at=now + BROWSER_IS_KNOWN_FOR,
            )
        return token

    def _counted(self, key: str) -> int:
        rows = self._state.rows("select count(*) from sign_in_failures where name = :key", key=_bucket(key))
        return int(rows[0][0])


def _bucket(key: str) -> str:
    """What is written down of a name or address: enough to count by, too little to tell it from others.

    People type passwords where the name belongs.
    """
    return digest_of(key)[:6]


def _network(address: str) -> str:
    """The address that counts.

    >>> _network("203.0.113.7"), _network("2001:db8:1:2:a:b:c:d"), _network("::ffff:203.0.113.7")
    ('203.0.113.7', '2001:db8:1:2::/64', '203.0.113.7')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(found), 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)
