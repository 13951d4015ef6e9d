"""A statement as Markdown, HTML and PDF, from one set of words and amounts as people write them."""

import json
from pathlib import Path
from typing import Any

from pennybridge.reports.statement.account import BUCKETS, NOT_AN_INVOICE, OPEN_ITEMS_ONLY, TITLE, Account
from pennybridge.reports.tables import markdown_row
from pennybridge.reports.text import Language, Text, show
from pennybridge.reports.words import HEADINGS

_FOLDER = Path(__file__).parent
_OPENING = Text("Opening balance", "Solde initial")
_CLOSING = Text("Balance due", "Solde dû")
_CREDIT = Text("Balance in your favour", "Solde en votre faveur")
_AS_OF = Text("As of {0}", "Au {0}")
_FROM = Text("From {0} to {1}", "Du {0} au {1}")
_UNIT = Text("Amounts in euros, tax included.", "Montants en euros, TTC.")
_REFERENCE = Text("Reference", "Référence")
_PAGE = Text("Page", "Page")
_NOTHING_OPEN = Text("Nothing is open.", "Rien n'est ouvert.")
_NOTHING_HAPPENED = Text(
    "Nothing was billed or paid in this time.", "Rien n'a été facturé ni payé sur cette période."
)


def as_words(account: Account, language: Language) -> dict[str, Any]:
    """Everything a statement says, as text in one language; templates only lay it out."""

    def amount(value: Any) -> str:
        return show(value, "amount", language)

    day = show(account.as_of, "date", language)
    if account.first and not account.is_open_items:
        span = _FROM.to(language).format(show(account.first, "date", language), day)
    else:
        span = _AS_OF.to(language).format(day)
    strip = [(name, account.buckets[name]) for name in BUCKETS]
    strip += [("overdue", account.overdue), ("unapplied", account.unapplied)]
    nothing = _NOTHING_OPEN if account.is_open_items else _NOTHING_HAPPENED
    closing = _CREDIT if account.closing < 0 else _CLOSING
    return {
        "language": language,
        "title": TITLE.to(language),
        "scope": OPEN_ITEMS_ONLY.to(language) if account.is_open_items else "",
        "company": account.company,
        "customer": " ".join(account.customer.split()),
        "address": list(account.address),
        "reference": f"{_REFERENCE.to(language)} {account.reference}" if account.reference else "",
        "span": span,
        "columns": [
            {"title": column.title(language), "is_number": column.is_number} for column in account.columns
        ],
        "opening": [_OPENING.to(language), amount(account.opening)]
        if account.first and not account.is_open_items
        else [],
        "rows": [_row(account, row, language) for row in account.rows],
        "closing": [closing.to(language), amount(abs(account.closing))],
        "strip": [{"title": HEADINGS[name].to(language), "amount": amount(value)} for name, value in strip],
        "nothing": "" if account.rows else nothing.to(language),
        "unit": _UNIT.to(language),
        "disclaimer": NOT_AN_INVOICE.to(language),
        "page": _PAGE.to(language),
    }


def to_markdown(account: Account, language: Language = "en") -> str:
    """A Markdown page."""
    said = as_words(account, language)
    head = [f"# {said['title']}", "", f"**{said['customer']}**"]
    head += [
        *said["address"],
        "",
        f"{said['company']} · {said['span']}" + (f" · {said['scope']}" if said["scope"] else ""),
    ]
    titles = [column["title"] for column in said["columns"]]
    lines = [
        markdown_row(titles),
        markdown_row(["---:" if c["is_number"] else "---" for c in said["columns"]]),
    ]
    blank = [""] * (len(titles) - 2)
    if said["opening"]:
        lines.append(markdown_row([said["opening"][0], *blank, said["opening"][1]]))
    lines += [markdown_row(row) for row in said["rows"]]
    lines.append(markdown_row([f"**{said['closing'][0]}**", *blank, f"**{said['closing'][1]}**"]))
    strip = [
        markdown_row([cell["title"] for cell in said["strip"]]),
        markdown_row(["---:"] * len(said["strip"])),
        markdown_row([cell["amount"] for cell in said["strip"]]),
    ]
    return "\n".join([*head, "", *lines, "", *strip, "", said["unit"], said["disclaimer"]]) + "\n"


def to_html(account: Account, language: Language = "en") -> str:
    """A page of its own, its style inside, that prints well."""
    from jinja2 import Environment

    template = (_FOLDER / "statement.html").read_text("utf-8")
    page = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(template)
    return page.render(as_words(account, language)) + "\n"


def to_pdf(account: Account, language: Language = "en") -> bytes:
    """A PDF on A4, the table's head on each page, pages numbered."""
    import typst

    said = json.dumps(as_words(account, language), ensure_ascii=False)
    made = typst.compile(_FOLDER / "statement.typ", sys_inputs={"said": said})
    return bytes(made)


def _row(account: Account, row: tuple[Any, ...], language: Language) -> list[str]:
    """A row's text; amounts of zero stay blank, so that debits and credits stand out."""
    cells = []
    for value, column in zip(row, account.columns, strict=True):
        is_blank = column.name in {"debit", "credit", "days_late"} and not value
        cells.append("" if is_blank else show(value, column.kind, language))
    return cells
