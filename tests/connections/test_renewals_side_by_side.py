"""Processes that renew one grant, at once or killed, leave a pair that works or say what to do."""

import signal

import pytest

from tests.connections.conftest import Installation, wait_until

BOTH = pytest.mark.parametrize("state_engine", ["sqlite", "postgresql"])


@BOTH
def test_two_processes_that_need_a_new_token_at_once_renew_it_once(installation: Installation) -> None:
    """A second use of the refresh token would end the grant."""
    installation.connect()
    installation.expire()

    with installation.state.lock("grant-1"):  # both are refused before either may renew
        both = [installation.start("connections", "check") for _ in range(2)]
        wait_until(lambda: installation.asked("/me", 401) == 2)
    printed = [process.communicate(timeout=60)[0] for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert all("the token works" in text for text in printed)
    assert installation.asked("/oauth/token") == 1
    assert "active" in installation.run("connections")[1]


@pytest.mark.kill
@BOTH
def test_kill_9_between_pennylanes_answer_and_our_write_asks_to_authorize_again(
    installation: Installation,
) -> None:
    installation.connect()
    installation.expire()
    installation.emulator.fail_next("POST", "/oauth/token", "slow", seconds=60)

    with installation.start("connections", "check") as process:
        wait_until(lambda: installation.asked("/oauth/token") == 1)
        process.kill()
    assert process.returncode == -signal.SIGKILL

    code, printed = installation.run("connections", "check")
    assert code == 1
    assert "A renewal of its tokens was cut off" in printed
    assert "Authorize the company again in the hub" in printed
    _, printed = installation.run("connections")
    assert "unauthorized" in printed
    assert "A renewal of its tokens was cut off" in printed
    assert installation.connections.find("1").problem == "answer_lost"


@pytest.mark.kill
def test_kill_9_before_pennylane_carried_a_renewal_out_loses_nothing(installation: Installation) -> None:
    installation.connect()
    installation.expire()
    installation.emulator.fail_next("POST", "/oauth/token", "timeout")

    with installation.start("connections", "check") as process:
        wait_until(lambda: installation.asked("/oauth/token") == 1)
        process.kill()
    assert installation.state.rows("select renewing_since from connections") != [(None,)]

    code, printed = installation.run("connections", "check")
    assert code == 0
    assert "the token works" in printed
    assert installation.state.rows("select renewing_since from connections") == [(None,)]
