"""Passwords are stored as hashes that cost whoever stole them dearly."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from pennybridge.clock import system_clock
from pennybridge.hub import people
from pennybridge.store import open_state
from tests.hub.conftest import PASSWORD


def test_a_password_is_hashed_with_the_memory_and_time_that_argon2_advises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least as RFC 9106 says for little memory: 64 MiB, three passes."""
    monkeypatch.setattr(people, "PasswordHasher", PasswordHasher)
    with open_state(f"sqlite:///{tmp_path}/state.db") as state:
        users = people.People(state, system_clock)
        users.add("Ada", PASSWORD, "admin")

        ((stored,),) = state.rows("select password_hash from users")

    asked = extract_parameters(str(stored))
    assert asked.type is Type.ID
    assert (asked.memory_cost, asked.time_cost) >= (64 * 1024, 3)
    assert extract_parameters(users._nobody) == asked, "or unknown names would be told by the time they take"
