"""A SaaS company with three and a half years of history: the one that demos and tests look at."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random

from pennybridge.emulator.books import Books, Company
from pennybridge.emulator.desk import Desk
from pennybridge.emulator.past import Past
from pennybridge.emulator.seed.catalogue import lay_foundations
from pennybridge.emulator.seed.contracts import begin, choose_manner, first_day, phases
from pennybridge.emulator.seed.customers import add_customer
from pennybridge.emulator.seed.names import company_names
from pennybridge.emulator.seed.story import Story

CUSTOMERS = 158
_AT_FIRST = 90  # customers of the first half year
_REMEMBERED = timedelta(days=27)  # inside the four weeks that the changelogs keep


def seed_company(books: Books, company: Company) -> None:
    """Fill a company with its history up to the clock: a `fill` for `Books.add_company`.

    What is older than the changelogs keep goes into the books at once; the last weeks are played day by
    day, so that their changes are told.
    """
    now = books.clock()
    today = now.date()
    opening = date(today.year - 3, today.month, 1) - timedelta(days=184)
    chance = Random(f"{books.seed}:{company.number}")  # noqa: S311 - repeatable on purpose
    past = Past(books, company)
    desk = Desk(past, company, seed=books.seed, numbers={})
    desk.day = opening
    desk.plan(opening, lambda: _open(desk, chance, opening, today))
    desk.run(datetime.combine(today - _REMEMBERED, time(23), UTC))
    past.write()
    desk.books = books
    desk.run(now)


def _open(desk: Desk, chance: Random, opening: date, today: date) -> None:
    foundations = lay_foundations(desk, first_year=opening.year, last_year=today.year)
    desk.bank_account = foundations.bank_account
    story = Story(desk, chance, foundations)
    span = (today - opening).days
    for rank, name in enumerate(company_names(chance, CUSTOMERS)):
        day = opening + timedelta(days=chance.randint(0, 180 if rank < _AT_FIRST else span - 3))
        desk.plan(day, partial(_welcome, story, name, rank, today))
    story.plan(opening, today)


def _welcome(story: Story, name: str, rank: int, today: date) -> None:
    desk, chance = story.desk, story.chance
    customer = add_customer(desk, chance, name, account_id=story.foundations.customers_account_id)
    story.customers.append(customer)
    manner = choose_manner(chance, customer, rank=rank)
    for phase in phases(chance, manner, first_day(chance, manner, desk.day), today):
        desk.plan(phase.start, partial(begin, desk, customer, manner, phase, story.foundations.products))
