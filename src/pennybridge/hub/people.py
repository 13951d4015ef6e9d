"""Users, their sessions, and the audit trail, in the state database."""

import secrets
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from pennybridge.api.secret import digest_of
from pennybridge.clock import Clock
from pennybridge.errors import ConfigurationError
from pennybridge.hub.attempts import ALLOWED, Attempts
from pennybridge.store.state import Row, StateDatabase

Role = Literal["admin", "viewer"]

SESSION_LASTS = timedelta(days=7)
SHORTEST_PASSWORD = 12
HASHED_AT_ONCE = 2
"""Passwords looked at side by side; each takes 64 MB, and strangers may ask."""


@dataclass(frozen=True)
class User:
    """Who is signed in."""

    id: str
    name: str
    role: Role


class People:
    """Everybody who may use the hub."""

    def __init__(self, state: StateDatabase, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self.attempts = Attempts(state, clock)
        self._hasher = PasswordHasher()
        self._hashing = threading.Semaphore(HASHED_AT_ONCE)
        # Verified against when the name is unknown, so that both answers take the same time.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def is_empty(self) -> bool:
        """Whether nobody can sign in yet."""
        return not self._state.rows("select 1 from users limit 1")

    def known(self) -> list[User]:
        """All users by name."""
        return [User(*row) for row in self._state.rows("select id, name, role from users order by name")]

    def add(self, name: str, password: str, role: Role, *, first: bool = False) -> User:
        """Let somebody in from now on.

        Args:
            name: What they sign in with, in any case.
            password: At least `SHORTEST_PASSWORD` characters.
            role: Viewers change nothing.
            first: Refuse when there is a user already.

        Raises:
            ConfigurationError: The name is empty or taken, the password is short, or somebody was first.
        """
        user = User(secrets.token_hex(8), name.strip().casefold(), role)
        if not user.name or len(user.name) > 200 or not _is_long_enough(password):
            raise ConfigurationError(
                "Give a name, and a password of at least {least} characters. Nothing was stored.",
                least=SHORTEST_PASSWORD,
            )
        hashed = self._hash(password)
        with self._state.transaction() as transaction:
            if first and transaction.rows("select 1 from users limit 1"):
                raise ConfigurationError("The first user exists already. Nothing was stored. Sign in.")
            added = transaction.execute(
                "insert into users (id, name, role, password_hash, created_at) "
                "values (:id, :name, :role, :hashed, :now) on conflict (name) do nothing",
                id=user.id,
                name=user.name,
                role=user.role,
                hashed=hashed,
                now=self._clock(),
            )
        if not added:
            raise ConfigurationError("There is a user “{name}” already. Nothing was stored.", name=user.name)
        return user

    def remove(self, user_id: str) -> User | None:
        """Let somebody in no more, and end their sessions; None if there is no such user.

        Keys of the JSON API that they made stay until they are revoked: programs depend on them.

        Raises:
            ConfigurationError: They are the last administrator.
        """
        with self._state.lock("people"):  # else two administrators could remove each other
            known = self.known()
            user = next((one for one in known if one.id == user_id), None)
            if user is None:
                return None
            if not any(one.role == "admin" for one in known if one != user):
                raise ConfigurationError(
                    "This is the only administrator. Nothing was changed. Add another one first."
                )
            with self._state.transaction() as transaction:
                for statement in _FORGET_BROWSERS:
                    transaction.execute(statement, id=user_id)
                transaction.execute("delete from users where id = :id", id=user_id)
        return user

    def change_password(self, user: User, current: str, new: str) -> None:
        """Change a password, and sign the user out everywhere.

        Raises:
            ConfigurationError: The current password is wrong, or the new one too short.
            ThrottledError: A current password was wrong too often.
        """
        if not _is_long_enough(new):
            raise ConfigurationError("The new password needs at least 12 characters. Nothing was changed.")
        if self._checked(user.name, current, {f"password of {user.id}": ALLOWED}) is None:
            raise ConfigurationError("The current password is not right. Nothing was changed.")
        hashed = self._hash(new)
        with self._state.transaction() as transaction:
            transaction.execute(
                "update users set password_hash = :hashed where id = :id", hashed=hashed, id=user.id
            )
            for statement in _FORGET_BROWSERS:
                transaction.execute(statement, id=user.id)

    def sign_in(self, name: str, password: str, *, address: str = "", browser: str = "") -> User | None:
        """The user whose password this is.

        Args:
            name: In any case.
            password: As typed.
            address: Where the sign-in comes from.
            browser: What the cookie says by which a browser is known, see `Attempts`.

        Raises:
            ThrottledError: Too many sign-ins failed within fifteen minutes.
        """
        name = name.strip().casefold()[:200]
        return self._checked(name, password, self.attempts.limits(name, address, browser))

    def open_session(self, user: User) -> str:
        """A new session; the text for the cookie, of which only a digest is kept."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        with self._state.transaction() as transaction:
            transaction.execute("delete from sessions where expires_at <= :now", now=now)
            transaction.execute(
                "insert into sessions (digest, user_id, expires_at) values (:digest, :user_id, :expires_at)",
                digest=digest_of(token),
                user_id=user.id,
                expires_at=now + SESSION_LASTS,
            )
        return token

    def of_session(self, token: str) -> User | None:
        """Who a session's cookie speaks for, unless it ended."""
        rows = self._state.rows(
            "select users.id, users.name, users.role from sessions join users on users.id = sessions.user_id "
            "where sessions.digest = :digest and sessions.expires_at > :now",
            digest=digest_of(token),
            now=self._clock(),
        )
        return User(*rows[0]) if rows else None

    def close_session(self, token: str) -> None:
        """End a session here, whatever the browser keeps."""
        with self._state.transaction() as transaction:
            transaction.execute("delete from sessions where digest = :digest", digest=digest_of(token))

    def note(self, user_name: str, action: str, subject: str = "") -> None:
        """Write down who did what."""
        with self._state.transaction() as transaction:
            transaction.execute(
                "insert into audit values (:now, :user_name, :action, :subject)",
                now=self._clock(),
                user_name=user_name,
                action=action,
                subject=subject,
            )

    def trail(self) -> list[Row]:
        """The latest 200 actions, newest first: when, who, what, on what."""
        return self._state.rows(
            "select happened_at, user_name, action, subject from audit order by happened_at desc limit 200"
        )

    def _checked(self, name: str, password: str, limits: dict[str, int]) -> User | None:
        """The user of this name if the password is theirs; counted before it is looked at."""
        attempt = self.attempts.begin(limits)
        rows = self._state.rows(
            "select id, name, role, password_hash from users where name = :name", name=name
        )
        if not self._is_right(rows[0]["password_hash"] if rows else self._nobody, password) or not rows:
            return None
        self.attempts.succeeded(attempt, limits)
        return User(*rows[0][:3])

    def _hash(self, password: str) -> str:
        with self._hashing:
            return self._hasher.hash(password)

    def _is_right(self, hashed: str, password: str) -> bool:
        try:
            with self._hashing:
                return self._hasher.verify(hashed, password[:1000])
        except VerificationError:
            return False


_FORGET_BROWSERS = (
    "delete from sessions where user_id = :id",
    "delete from known_browsers where user_id = :id",
)


def _is_long_enough(password: str) -> bool:
    return SHORTEST_PASSWORD <= len(password) <= 1000
