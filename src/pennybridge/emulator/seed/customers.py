"""The customers of the seeded company: who they are, where, and how they pay."""

from random import Random

from pennybridge.emulator.desk import Desk
from pennybridge.emulator.paying import HABITS
from pennybridge.emulator.records import address, company_customer, complete, individual_customer
from pennybridge.emulator.resources import Record
from pennybridge.emulator.seed.names import PLACES, WEIGHTS, french_vat_number, person, siren, slug

_TERMS = ("upon_receipt", "15_days", "30_days", "30_days", "30_days_end_of_month", "45_days", "60_days")
_HABIT_WEIGHTS = (52, 18, 6, 7, 8, 7, 2)  # in the order of HABITS
_ROLES = ("Comptable", "DAF", "Gérante", "Achats", "Office manager")


def add_customer(
    desk: Desk, chance: Random, name: str, *, account_id: int | None = None, **notes: object
) -> Record:
    """Add a customer of a random kind and country, with its contacts; `name` is used when it is a company."""
    country = chance.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))[0]
    form, language, currency, postal_code, city = PLACES[country]
    street = f"{chance.randint(1, 140)} rue {chance.choice(('des Lilas', 'du Port', 'Haute', 'de la Gare'))}"
    habit = chance.choices(HABITS, weights=_HABIT_WEIGHTS)[0]
    fields = {
        "billing_address": address(street=street, postal_code=postal_code, city=city, country=country),
        "billing_language": language,
        "payment_conditions": chance.choice(_TERMS),
        "_pays": habit,
        "_currency": currency,
        **notes,
    }
    if account_id:
        fields["ledger_account"] = {"id": account_id}
    key = desk.books.new_id()
    if country == "FR" and chance.random() < 0.15:
        first_name, last_name = person(chance)
        fields["emails"] = [f"{slug(first_name)}.{slug(last_name)}@example.org"]
        record = individual_customer(key, desk.now, first_name=first_name, last_name=last_name, **fields)
    else:
        fields |= _numbers(chance, country)
        fields["emails"] = [f"compta@{slug(name)}.example", f"factures@{slug(name)}.example"][
            : chance.randint(0, 2)
        ]
        fields["reference"] = f"C{key // 4096 % 100_000:05d}" if chance.random() < 0.5 else ""
        record = company_customer(key, desk.now, name=f"{name} {form}", **fields)
        for _ in range(chance.randint(0, 3)):
            _add_contact(desk, chance, key, slug(name))
    return desk.insert("customers", record)


def vat_code(customer: Record) -> str:
    """The VAT code under which the seeded company bills a customer.

    20 % in France and to people; the buyer's country taxes companies of the European Union (reverse
    charge), and nothing is charged beyond it.
    """
    country = customer["billing_address"]["country_alpha2"]
    if country == "FR" or customer["customer_type"] == "individual":
        return "FR_200"
    return "extracom" if country in {"CH", "GB", "US"} else "crossborder"


def _numbers(chance: Random, country: str) -> dict[str, str]:
    if country == "FR":
        reg_no = siren(chance)
        return {"reg_no": reg_no, "vat_number": french_vat_number(reg_no)}
    if country in {"US", "CH"}:
        return {"reg_no": "", "vat_number": ""}
    return {"reg_no": "", "vat_number": f"{country}{chance.randint(10**8, 10**9 - 1)}"}


def _add_contact(desk: Desk, chance: Random, customer_id: int, domain: str) -> None:
    first_name, last_name = person(chance)
    contact = complete(
        "contacts",
        desk.books.new_id(),
        desk.now,
        first_name=first_name,
        last_name=last_name,
        role=chance.choice(_ROLES),
        email=f"{slug(first_name)}@{domain}.example",
    )
    desk.insert("contacts", contact, customer_id)
