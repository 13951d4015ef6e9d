"""Settings that cannot be meant are refused before anything is opened."""

import pytest

from pennybridge.errors import ConfigurationError
from pennybridge.settings import load_settings


@pytest.mark.parametrize(
    ("url", "said"),
    [("duckdb:///", "it names no file"), ("mysql://host/name", "it begins with 'mysql'")],
)
def test_an_address_that_is_no_database_is_refused(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load_settings({"PENNYBRIDGE_HOME": "/nowhere", "PENNYBRIDGE_DATABASE_URL": url})
