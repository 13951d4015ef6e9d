"""Settings that cannot be meant are refused before anything is opened."""

import pytest

from pennybridge.errors import ConfigurationError
from pennybridge.settings import load_settings, parse_interval


@pytest.mark.parametrize(
    ("url", "said"),
    [("duckdb:///", "it names no file"), ("mysql://host/name", "it begins with 'mysql'")],
)
def test_an_address_that_is_no_database_is_refused(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load_settings({"PENNYBRIDGE_HOME": "/nowhere", "PENNYBRIDGE_DATABASE_URL": url})


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("6h", 21_600), (" 5s ", 5)])
def test_an_interval_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert parse_interval(text).total_seconds() == seconds


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PENNYBRIDGE_SYNC_EVERY", "15"),
        ("PENNYBRIDGE_SYNC_EVERY", "4s"),
        ("PENNYBRIDGE_SYNC_EVERY", "25h"),
        ("PENNYBRIDGE_SYNCS_AT_ONCE", "0"),
        ("PENNYBRIDGE_SYNCS_AT_ONCE", "many"),
    ],
)
def test_a_schedule_that_cannot_be_meant_is_refused(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        load_settings({"PENNYBRIDGE_HOME": "/nowhere", name: text})
