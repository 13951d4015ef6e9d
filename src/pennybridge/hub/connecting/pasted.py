"""What a person pasted to say which customers: ids, references, or addresses of pages at Pennylane."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pennybridge.api.client import Client
from pennybridge.api.payloads import Customer, read_record
from pennybridge.errors import ConfigurationError

MOST = 1000
"""Customers in one go."""
_AT_ONCE = 100
"""Ids in one request: https://pennylane.readme.io lists no bound, the address of the request has one."""
_LONGEST_ID = 18
"""Digits; a longer number is no id of Pennylane's, whose ids fit 64 bits."""


@dataclass(frozen=True)
class Matched:
    """What was meant, and what no customer answers to."""

    customers: list[Customer]
    unknown: list[str]


def match_pasted(client: Client, text: str) -> Matched:
    """The customers that a text names, separated by commas, semicolons, spaces or line ends.

    An id of the API, an external reference, or the address of a customer's page, of which every number is
    tried (how Pennylane's page addresses are built is not documented). Costs one or two requests per hundred.

    Raises:
        ConfigurationError: More than a thousand at once.
        ApiError: Pennylane could not be asked.
    """
    words = list(dict.fromkeys(word for word in re.split(r"[\s,;]+", text) if word))
    if len(words) > MOST:
        raise ConfigurationError(
            "That is more than {most} customers at once. Nothing was changed.", most=MOST
        )
    numbers = {word: _numbers(word) for word in words}
    by_id = {each.id: each for each in _read(client, "id", {n for ns in numbers.values() for n in ns})}
    left = [word for word in words if not numbers[word] & by_id.keys()]
    by_reference = {
        each.external_reference: each
        for each in _read(client, "external_reference", [word for word in left if "/" not in word])
    }
    found = {each.id: each for word in words for n in numbers[word] if (each := by_id.get(n))}
    found |= {each.id: each for each in by_reference.values()}
    return Matched(list(found.values()), [word for word in left if word not in by_reference])


def _numbers(word: str) -> set[int]:
    """The numbers that may be an id: the word itself, or any in an address."""
    if word.isascii() and word.isdigit():
        return {int(word)} if len(word) <= _LONGEST_ID else set()
    if "/" not in word:
        return set()
    return {int(number) for number in re.findall(r"\d+", word, re.ASCII) if len(number) <= _LONGEST_ID}


def _read(client: Client, field: str, values: Iterable[int | str]) -> list[Customer]:
    wanted = sorted(values, key=str)
    found: list[Customer] = []
    for start in range(0, len(wanted), _AT_ONCE):
        chosen = [(field, "in", wanted[start : start + _AT_ONCE])]
        for page in client.pages("customers", filter=chosen):
            found += [read_record(Customer, record) for record in page.items]
    return found
