"""What validating found: machine-readable, and printable for a person."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal

import msgspec

from pennybridge.invoicing.check_facturx import Outcome
from pennybridge.invoicing.drafts import Draft, Totals, Way
from pennybridge.invoicing.problems import Problem, errors
from pennybridge.invoicing.totals import draft_totals

Verdict = Literal["ready", "warnings", "refused"]


class Checks(msgspec.Struct, frozen=True):
    """How an electronic invoice fared with each set of rules."""

    xsd: Outcome = "none"
    en16931: Outcome = "none"
    french: Outcome = "none"


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """One file: what it is, and what became of it."""

    file: str
    verdict: Verdict
    contains: str
    """As `2 invoices`, `Factur-X EXTENDED`, `plain PDF`, `not an invoice`."""
    checks: Checks = Checks()


class DraftReport(msgspec.Struct, frozen=True, kw_only=True):
    """One intended invoice in figures."""

    file: str
    row: int | None
    verdict: Verdict
    reference: str
    way: Way
    number: str | None = None
    date: str | None = None
    customer: str | None = None
    seller: str | None = None
    currency: str = "EUR"
    lines: int = 0
    is_credit_note: bool = False
    totals: Totals | None = None


class Report(msgspec.Struct, frozen=True):
    """Everything known of a batch before anything is sent."""

    files: tuple[FileReport, ...]
    drafts: tuple[Draft, ...]
    problems: tuple[Problem, ...]

    def is_ready(self) -> bool:
        """Whether nothing stops the batch."""
        return not errors(self.problems)

    def verdicts(self) -> list[Verdict]:
        """What became of each draft, in their order."""
        by_place: dict[tuple[str, int | None], list[Problem]] = defaultdict(list)
        for problem in self.problems:
            by_place[problem.file, problem.row].append(problem)
        found = (
            (found for place in places(draft) for found in by_place.get(place, ())) for draft in self.drafts
        )
        return [verdict(list(problems)) for problems in found]

    def ready(self) -> list[Draft]:
        """The drafts that nothing stops; the others can be mended and run again alone."""
        pairs = zip(self.drafts, self.verdicts(), strict=True)
        return [draft for draft, found in pairs if found != "refused"]

    def summaries(self) -> list[DraftReport]:
        """Each draft in figures."""
        return [summary(draft, found) for draft, found in zip(self.drafts, self.verdicts(), strict=True)]

    def to_json(self) -> bytes:
        """Files, drafts in figures, and problems."""
        content = {"files": self.files, "invoices": self.summaries(), "problems": self.problems}
        return msgspec.json.encode(content)

    def as_text(self) -> str:
        """Each problem on a line, then what the batch holds."""
        lines = [str(problem) for problem in self.problems]
        counts = Counter(self.verdicts())
        lines.append(
            f"{plural(len(self.files), 'file')}, {plural(len(self.drafts), 'invoice')}: {counts['ready']} "
            f"ready, {counts['warnings']} with warnings, {counts['refused']} refused"
        )
        return "\n".join(lines)


def plural(count: int, noun: str) -> str:
    """As `1 file` or `1,200 files`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def verdict(problems: Sequence[Problem]) -> Verdict:
    """The verdict that problems give."""
    if errors(problems):
        return "refused"
    return "warnings" if problems else "ready"


def places(draft: Draft) -> set[tuple[str, int | None]]:
    """Where problems of a draft are: its rows, the whole of its file, the file it uploads."""
    file = draft.source.file
    found = {(file, None), (file, draft.source.row), *((file, line.source.row) for line in draft.lines)}
    return found | ({(draft.attachment.path, None)} if draft.attachment else set())


def summary(draft: Draft, found: Verdict) -> DraftReport:
    """A draft in figures."""
    return DraftReport(
        file=draft.source.file,
        row=draft.source.row,
        verdict=found,
        reference=draft.reference,
        way=draft.way,
        number=draft.number,
        date=draft.date.isoformat() if draft.date else None,
        customer=draft.customer.full_name(),
        seller=draft.seller.name if draft.seller else None,
        currency=draft.currency,
        lines=len(draft.lines),
        is_credit_note=draft.is_credit_note,
        totals=draft.totals or draft_totals(draft),
    )
