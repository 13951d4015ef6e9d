"""Create and import invoices: from files or drafts to a report, in one call.

    report = create_invoices([Path("march.csv")], client=client, submissions=submissions, final=False)
    print(report.as_line())

`look_over` and `send` are the two halves: everything that is said before anything is sent, and the sending.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from pennybridge.api.client import Client
from pennybridge.errors import ConfigurationError, DraftError, InvoicingError
from pennybridge.invoicing.categories import Categories
from pennybridge.invoicing.check import check_batch, check_draft
from pennybridge.invoicing.drafts import Draft, Way
from pennybridge.invoicing.follow_up import FollowUp, follow_up
from pennybridge.invoicing.once import Patience
from pennybridge.invoicing.outcome import Result, RunReport, problems_by_draft, result_of
from pennybridge.invoicing.prepare import Prepared, prepare
from pennybridge.invoicing.problems import Problem, errors, without_echoes
from pennybridge.invoicing.problems import Source as ReadFrom
from pennybridge.invoicing.references import external_reference
from pennybridge.invoicing.rehearse import writes
from pennybridge.invoicing.report import Report, places
from pennybridge.invoicing.submissions import Submissions
from pennybridge.invoicing.submit import Batch, Progress
from pennybridge.invoicing.validate import validate

Source = Sequence[Path] | Sequence[Draft]


class Checked(msgspec.Struct, frozen=True):
    """A batch after all checks and look-ups; nothing was sent."""

    drafts: tuple[Draft, ...]
    prepared: Prepared
    problems: tuple[Problem, ...]
    """Of all files and rows, in their order."""
    weights: Mapping[str, list[tuple[int, Decimal]]] = {}
    """The categories of each draft that is to be sent, by our reference; id 0 where one would be created."""

    def only(self, names: Sequence[str]) -> "Checked":
        """The batch as if it held only the invoices with these references or numbers.

        Raises:
            ConfigurationError: It holds none of that name.
        """
        known = {name: draft for draft in self.drafts for name in (draft.number, draft.reference) if name}
        if unknown := [name for name in names if name not in known]:
            raise ConfigurationError(f"No invoice of these files is called {', '.join(unknown)}.")
        chosen = {known[name].reference for name in names}
        drafts = tuple(draft for draft in self.drafts if draft.reference in chosen)
        found = {place for draft in drafts for place in places(draft)}
        problems = tuple(one for one in self.problems if (one.file, one.row) in found)
        return Checked(drafts, self.prepared.only(drafts), problems, self.weights)

    def bodies(self, after: FollowUp | None = None) -> list[dict[str, Any]]:
        """The writes that would be sent, in order, with the exact body of each; see `rehearse.writes`."""
        jobs = [job for job in self.prepared.jobs if job.draft.reference not in self.prepared.there]
        return writes(jobs, self.weights, after or FollowUp())


def look_over(
    source: Source,
    *,
    client: Client,
    submissions: Submissions,
    ways: Sequence[Way],
    create_customers: bool = False,
    create_categories: bool = False,
    strict: bool = False,
    defaults: Mapping[str, str] | None = None,
) -> Checked:
    """Read, check and look up a whole batch; every problem of every row comes back at once.

    Args:
        source: Files and folders, or drafts made in Python.
        client: Of the company.
        submissions: The company's journal.
        ways: What is meant: `["create"]`, or `["import", "e_invoice"]`.
        create_customers: Whether customers that are not there may be created later.
        create_categories: Whether categories that are not there may be created later.
        strict: Make warnings that a standard's rule gives errors.
        defaults: Cells by field name for what no cell says.

    Raises:
        ApiError: A look-up failed.
        StoreError: The journal cannot be read.
    """
    report = _read(source, strict=strict, defaults=defaults)
    strangers = [_stranger(draft, ways) for draft in report.drafts if draft.way not in ways]
    # Also what cannot be sent is looked up: its owner is to hear of everything at once.
    meant = [draft for draft in report.drafts if draft.way in ways]
    prepared = prepare(meant, client=client, submissions=submissions, create_customers=create_customers)
    weights, unknown = _categories(prepared, Categories(client, create=create_categories))
    prepared = prepared.only(draft for draft in report.ready() if draft.source not in unknown)
    said = [*report.problems, *strangers, *prepared.problems, *unknown.values()]
    return Checked(report.drafts, prepared, tuple(_in_file_order(report, said)), weights)


def _categories(
    prepared: Prepared, categories: Categories
) -> tuple[dict[str, list[tuple[int, Decimal]]], dict[ReadFrom, Problem]]:
    """The categories of what is to be sent, by reference, and what is wrong with others, by place."""
    weights, problems = {}, {}
    for job in prepared.jobs:
        try:
            weights[job.draft.reference] = categories.planned(job.draft.categories)
        except InvoicingError as error:
            source = job.draft.source
            problems[source] = source.problem("categories", str(error), "or write another")
    return {reference: found for reference, found in weights.items() if found}, problems


def _in_file_order(report: Report, problems: Sequence[Problem]) -> list[Problem]:
    """The problems of each file together, in the order of files and rows, each said once."""
    places = {file.file: place for place, file in enumerate(report.files)}
    return sorted(without_echoes(problems), key=lambda found: (places.get(found.file, -1), found.row or 0))


def _read(source: Source, *, strict: bool, defaults: Mapping[str, str] | None) -> Report:
    paths = [one for one in source if isinstance(one, Path)]
    if paths:
        return validate(paths, strict=strict, defaults=defaults)
    made = _in_their_places([one for one in source if isinstance(one, Draft)])
    drafts = [msgspec.structs.replace(one, reference=external_reference(one)) for one in made]
    problems = [*(found for draft in drafts for found in check_draft(draft)), *check_batch(drafts)]
    return Report((), tuple(drafts), tuple(problems))


def _in_their_places(drafts: Sequence[Draft]) -> Sequence[Draft]:
    """Drafts made in Python, numbered where their sources do not tell them apart: problems hang on places."""
    if len({(draft.source.file, draft.source.row) for draft in drafts}) == len(drafts):
        return drafts
    return [_placed(draft, row) for row, draft in enumerate(drafts, start=1)]


def _placed(draft: Draft, row: int) -> Draft:
    file = draft.source.file
    lines = tuple(
        msgspec.structs.replace(line, source=ReadFrom(file, row, f"lines[{place}]."))
        for place, line in enumerate(draft.lines, start=1)
    )
    return msgspec.structs.replace(draft, source=ReadFrom(file, row), lines=lines)


def _stranger(draft: Draft, ways: Sequence[Way]) -> Problem:
    if "create" in ways:
        return draft.source.problem("file", "names a document to import", "use `pennybridge invoices import`")
    return draft.source.problem(
        "file",
        "is missing: this is an invoice to create",
        "name the PDF, or use `pennybridge invoices create`",
    )


def send(
    checked: Checked,
    *,
    client: Client,
    submissions: Submissions,
    after: FollowUp | None = None,
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> RunReport:
    """Send what is ready and not at Pennylane yet, then do what is wanted afterwards.

    A draft that is refused or fails stops no other one. Killed at any moment, run it again.

    Raises:
        StoreError: The journal cannot be written; nothing more was sent.
    """
    batch = Batch(client, submissions, patience or Patience(), progress or (lambda *_: None))
    batch.submit(checked.prepared)
    jobs = [job.draft for job in checked.prepared.jobs]
    follow_up(batch, [*jobs, *(draft for draft, _ in checked.prepared.settled)], after or FollowUp())
    results = _in_order(checked, batch.results)
    return RunReport(tuple(results), checked.problems, batch.customers_created)


def _in_order(checked: Checked, results: Mapping[str, Result]) -> list[Result]:
    """A result for each draft in the order of the source, those refused before sending included."""
    why = problems_by_draft(checked.drafts, errors(checked.problems))
    refused = "see the problems of its file"
    seen = {}
    for draft in checked.drafts:
        known = results.get(draft.reference)
        if known is None or (known.file, known.row) != (draft.source.file, draft.source.row):
            known = result_of(draft, "refused", problem=why.get(draft.reference, refused))
        seen[draft.reference, draft.source.file, draft.source.row] = known
    return list(seen.values())


def create_invoices(
    source: Source,
    *,
    client: Client,
    submissions: Submissions,
    final: bool | None = None,
    create_customers: bool = False,
    all_or_nothing: bool = False,
    after: FollowUp | None = None,
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> RunReport:
    """Have Pennylane create invoices, each exactly once however often this runs.

    Args:
        source: CSV, JSON or JSONL files, or drafts made in Python.
        client: Of the company.
        submissions: The company's journal: `Submissions(open_state(url), company_id)`.
        final: Whether invoices of which the file does not say it are final, which cannot be undone. If None,
            such invoices are refused.
        create_customers: Whether customers that are not there may be created.
        all_or_nothing: Whether one error stops the whole batch.
        after: Mail them, mark them as paid…; categories and credits are in the drafts.
        progress: Told how far it is.
        patience: How long unclear outcomes are followed up.

    Raises:
        DraftError: `all_or_nothing`, and there is an error; nothing was sent.
        ApiError: A look-up failed before anything was sent.
        StoreError: The journal cannot be used.
    """
    defaults = {} if final is None else {"status": "final" if final else "draft"}
    checked = look_over(
        _with_status(source, final),
        client=client,
        submissions=submissions,
        ways=["create"],
        create_customers=create_customers,
        create_categories=after is not None and after.create_categories,
        defaults=defaults,
    )
    refuse_if_wrong(checked, all_or_nothing=all_or_nothing)
    return send(
        checked, client=client, submissions=submissions, after=after, progress=progress, patience=patience
    )


def import_invoices(
    source: Source,
    *,
    client: Client,
    submissions: Submissions,
    create_customers: bool = False,
    all_or_nothing: bool = False,
    strict: bool = False,
    defaults: Mapping[str, str] | None = None,
    after: FollowUp | None = None,
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> RunReport:
    """Import invoices that exist: PDFs and XML files, with the tables that carry data of plain PDFs.

    Arguments and errors as for `create_invoices`; `strict` makes broken rules of EN 16931 and of France
    errors, `defaults` are the data of a plain PDF: `{"number": "F1", "date": "2026-03-01", …}`.
    """
    checked = look_over(
        source,
        client=client,
        submissions=submissions,
        ways=["import", "e_invoice"],
        create_customers=create_customers,
        create_categories=after is not None and after.create_categories,
        strict=strict,
        defaults=defaults,
    )
    refuse_if_wrong(checked, all_or_nothing=all_or_nothing)
    return send(
        checked, client=client, submissions=submissions, after=after, progress=progress, patience=patience
    )


def _with_status(source: Source, final: bool | None) -> Source:
    if final is None:
        return source
    return [  # type: ignore[return-value]  # all of one kind, as they came
        msgspec.structs.replace(one, is_final=final)
        if isinstance(one, Draft) and one.is_final is None
        else one
        for one in source
    ]


def refuse_if_wrong(checked: Checked, *, all_or_nothing: bool) -> None:
    """Stop before anything is sent if any row of the batch has an error.

    Raises:
        DraftError: It has; the error carries the problems.
    """
    wrong = errors(checked.problems)
    if all_or_nothing and wrong:
        text = "\n".join(str(problem) for problem in wrong)
        raise DraftError(f"Nothing was sent, because not everything is right:\n{text}", problems=list(wrong))
