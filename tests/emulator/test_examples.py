"""The examples in the docstrings of the emulator's rules are true."""

import doctest
from types import ModuleType

import pytest

from pennybridge.emulator import amounts, documents, labels, oauth, rates, recurrence, vat
from pennybridge.emulator.writing import e_invoices


@pytest.mark.parametrize("module", [amounts, documents, e_invoices, labels, oauth, rates, recurrence, vat])
def test_examples_are_true(module: ModuleType) -> None:
    result = doctest.testmod(module)

    assert result.attempted > 0
    assert result.failed == 0
