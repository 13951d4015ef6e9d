"""A company of a few records, for tests and crowds: made in milliseconds, when it is first looked at."""

from datetime import datetime, timedelta
from functools import partial
from random import Random

from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.desk import Desk
from pennybridge.emulator.past import Past
from pennybridge.emulator.seed.catalogue import lay_foundations
from pennybridge.emulator.seed.contracts import begin, choose_manner, phases
from pennybridge.emulator.seed.customers import add_customer
from pennybridge.emulator.seed.names import company_names


def seed_small(books: Books, company: Company, *, customers: int = 4, months: int = 6) -> None:
    """Fill a company with a few customers billed for a few months: a `fill` for `Books.add_company`.

    Its subscriptions go on when the clock moves. The changelogs tell nothing of its past.
    """
    now = books.clock()
    opening = now.date() - timedelta(days=30 * months)
    chance = Random(f"{books.seed}:{company.number}")  # noqa: S311 - repeatable on purpose
    past = Past(books, company)
    desk = Desk(past, company, seed=books.seed, numbers={})
    desk.day = opening
    desk.plan(opening, partial(_open, desk, chance, customers, now))
    desk.run(now)
    past.write()


def _open(desk: Desk, chance: Random, customers: int, now: datetime) -> None:
    foundations = lay_foundations(desk, first_year=desk.day.year, last_year=now.year)
    desk.bank_account = foundations.bank_account
    for rank, name in enumerate(company_names(chance, customers)):
        customer = add_customer(desk, chance, name, account_id=foundations.customers_account_id)
        manner = choose_manner(chance, customer, rank=rank)
        for phase in phases(chance, manner, desk.day, now.date()):
            desk.plan(phase.start, partial(begin, desk, customer, manner, phase, foundations.products))
