"""Requests invented from the contract, sent to every operation that is emulated."""

import pytest

from pennybridge.emulator.server import Emulator
from tests.emulator.fuzzing import furnish, fuzz


@pytest.mark.fuzz
def test_no_invented_request_gets_a_5xx_or_an_answer_outside_the_contract(emulator: Emulator) -> None:
    furnish(emulator)

    statuses = fuzz(emulator, examples=3)

    assert {200, 201, 204, 400, 404, 422} <= statuses.keys()
