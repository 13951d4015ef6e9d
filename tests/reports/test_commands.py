"""`pennybridge build`, `report` and `overrides` as a person runs them, bad input included."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from pennybridge.reports.built import Built
from pennybridge.reports.catalog import REPORTS
from pennybridge.reports.question import Question
from pennybridge.reports.tables import fitting
from pennybridge.store import open_database
from tests.cli.conftest import Shell
from tests.reports.synced import AS_OF, TWINS

ROOT = Path(__file__).parents[2]
DONE, FAILED, WRONG_USAGE, WARNED = 0, 1, 2, 3


@pytest.fixture
def run(
    synced_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Shell]:
    """The command, on the synced home itself or on a home of one's own."""

    def on(home: Path = synced_home) -> Shell:
        for name in ("PENNYBRIDGE_DATABASE_URL", "PENNYBRIDGE_KEY", "PENNYLANE_API_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PENNYBRIDGE_HOME", str(home))
        return Shell(home, monkeypatch, capsys)

    return on


@pytest.fixture
def shell(run: Callable[..., Shell]) -> Shell:
    """For reading: with `--no-build`, nothing changes."""
    return run()


@pytest.fixture
def own(run: Callable[..., Shell], synced_home: Path, tmp_path: Path) -> Shell:
    """For writing: a copy of the synced home."""
    return run(shutil.copytree(synced_home, tmp_path / "home"))


def as_of_built(home: Path) -> str:
    with open_database(f"duckdb:///{home / 'pennybridge.duckdb'}", read_only=True) as database:
        day: str = database.rows("select value from build.state where name = 'as_of'")[0][0]
    return day


def test_a_report_shows_title_company_table_and_the_rules_behind_it(shell: Shell) -> None:
    done = shell("report", "movements", "--no-build")

    assert done.code == DONE
    assert "MRR movements\nAtelier Numérique · as of 2025-04-10 · EUR" in done.out
    assert "Reactivation" in done.out
    assert "Start + new + reactivation" in done.out


def test_a_report_speaks_french(shell: Shell) -> None:
    done = shell("report", "aging", "--no-build", "--language", "fr")

    assert "Balance âgée\nAtelier Numérique · au 10/04/2025 · EUR" in done.out
    assert "Plus de 90 jours" in done.out


def test_range_and_periods_say_which_rows(shell: Shell) -> None:
    done = shell(
        "report", "mrr", "--no-build", "--from", "2024-Q2", "--to", "2024", "--by", "quarter",
        "--format", "csv"
    )  # fmt: skip

    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["period_start"] for row in rows] == ["2024-04-01", "2024-07-01", "2024-10-01"]


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("mrr.csv", b"period_start,mrr,"),
        ("mrr.json", b'{\n  "report": "mrr"'),
        ("mrr.md", b"# Monthly recurring revenue"),
        ("mrr.svg", b"<svg"),
        ("mrr.PNG", b"\x89PNG"),
    ],
)
def test_the_name_of_the_file_says_how_it_is_written(
    shell: Shell, tmp_path: Path, name: str, begin: bytes
) -> None:
    done = shell("report", "mrr", "--no-build", "--out", str(tmp_path / name))

    assert done.code == DONE
    assert not done.out
    assert (tmp_path / name).read_bytes().startswith(begin)


def test_explaining_beside_a_report_puts_the_lines_under_it(shell: Shell) -> None:
    done = shell("report", "mrr", "--no-build", "--explain", "--format", "json")

    document = json.loads(done.out)
    lines = sum(Decimal(row["mrr"]) for row in document["explained"]["rows"])
    assert lines == Decimal(document["rows"][-1]["mrr"])


def test_explaining_beside_the_cohorts_opens_their_last_figure(shell: Shell) -> None:
    done = shell(
        "report", "cohorts", "--by", "year", "--measure", "revenue", "--no-build", "--explain",
        "--format", "json"
    )  # fmt: skip

    document = json.loads(done.out)
    cells = [value for name, value in document["rows"][-1].items() if name.startswith("month_")]
    assert document["explained"]["totals"]["share"] == [cell for cell in cells if cell is not None][-1]


def test_a_cell_of_the_cohorts_is_told_with_its_arithmetic_in_french_too(shell: Shell) -> None:
    done = shell(
        "report", "explain", "cohort", "2023-Q3", "--age", "6", "--no-build", "--language", "fr"
    )  # fmt: skip

    assert "Clients de la cohorte T3 2023, 6 mois après" in done.out
    assert "20 clients sur 22 ont du MRR ce mois-là : 90,9\u202f%." in done.out
    assert "`--lines` liste les lignes de facture" in done.out


def test_a_figure_opens_down_to_its_lines_and_says_how_much_each_rule_brought(shell: Shell) -> None:
    done = shell("report", "explain", "mrr", "2025-02", "--no-build")

    assert done.code == DONE
    assert "Lines behind MRR on 2025-02-28" in done.out
    assert "By rule (lines): " in done.out


@pytest.mark.parametrize(
    "figure",
    [
        ["held"], ["movements", "2025-Q1"], ["churn", "2024"], ["nrr", "2025-03"], ["revenue", "2025-01"],
        ["aging", "over_90"], ["31_60"], ["overdue"], ["dso", "2025-03"], ["to-classify"], ["unmatched"],
        ["left-out"], ["restatements"], ["delays"], ["usage", "2025"],
        ["findings", "recurrence/recurring: subscription"],
        ["cohort"], ["cohort", "2023-Q3", "--age", "6", "--measure", "gross"], ["month_3", "2023", "--lines"],
        ["churn", "2024", "--lines"], ["grr", "--lines"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_figure_can_be_explained(shell: Shell, figure: list[str]) -> None:
    done = shell("report", "explain", *figure, "--no-build", "--format", "json")

    assert done.code == DONE
    assert json.loads(done.out)["title"]


def test_a_statement_goes_to_a_file_in_the_format_of_its_name(
    shell: Shell, built: Built, tmp_path: Path
) -> None:
    (name,) = built.rows("select name from billing.customers order by name limit 1")[0]

    for file, begin in (("s.pdf", b"%PDF-"), ("s.html", b"<!doctype html>"), ("s.md", b"# Statement")):
        done = shell("report", "statement", "--customer", name, "--no-build", "--out", str(tmp_path / file))
        assert done.code == DONE
        assert (tmp_path / file).read_bytes().startswith(begin)


def test_a_past_day_is_shown_and_leaves_the_tables_as_they_are(own: Shell) -> None:
    done = own("report", "aging", "--as-of", "2024-12-31", "--format", "json")

    document = json.loads(done.out)
    assert document["as_of"] == "2024-12-31"
    assert as_of_built(own.home) == AS_OF.isoformat()
    kept = json.loads(own("report", "aging", "--no-build", "--by", "month", "--format", "json").out)
    december = {row["snapshot_date"]: row["open_amount"] for row in kept["rows"]}["2024-12-31"]
    assert sum(Decimal(row["open_amount"]) for row in document["rows"]) == Decimal(december)


def test_a_report_brings_the_models_up_to_date_first_and_says_so(own: Shell) -> None:
    first = own("report", "aging", "--format", "csv")
    second = own("report", "aging", "--format", "csv")

    assert "Brought the models up to date" in first.err
    assert second.err == ""
    assert first.out == second.out
    assert as_of_built(own.home) > AS_OF.isoformat()


def test_a_build_says_what_it_did_and_then_that_nothing_changed(own: Shell) -> None:
    first = own("build", "--as-of", "2025-03", "--timings")
    second = own("build", "--as-of", "2025-03", "--json")

    assert first.code == DONE
    assert "as of 2025-03-31" in first.out
    assert "checks passed" in first.out
    assert "metrics.mrr" in first.out
    assert "leaves them alone" in first.err
    assert json.loads(second.out)["models"] == []


def test_a_check_that_fails_is_named_with_its_rows_and_leaves_the_tables(own: Shell) -> None:
    url = f"duckdb:///{own.home / 'pennybridge.duckdb'}"
    with open_database(url) as database, database.transaction() as transaction:
        # One customer is tampered with, and another loses all MRR, so that the next build looks at the sums.
        transaction.execute(
            "update metrics.customer_months set mrr_base = mrr_base + 1000 "
            "where customer_id = (select min(customer_id) from metrics.customer_months)"
        )
        transaction.execute(
            "update pennylane.customer_invoices set draft = true, load_id = 'changed' where customer_id = "
            "(select cast(max(customer_id) as bigint) from metrics.customer_months)"
        )

    done = own("build", "--as-of", AS_OF.isoformat())

    assert done.code == FAILED
    assert "The check " in done.err
    assert "First rows: {" in done.err
    assert "Every table is as it was before the build" in done.err
    assert own("report", "mrr", "--no-build").code == DONE


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "mmr"], "No such command 'mmr'"),
        (["report", "mrr", "--from", "last year"], "'last year' is no date"),
        (["report", "mrr", "--as-of", "2026-13-01", "--no-build"], "'2026-13-01' is no date"),
        (["report", "mrr", "--as-of", "2999"], "has not come yet"),
        (["report", "aging", "--as-of", ""], "'' is no date"),
        (["report", "mrr", "--from", ""], "'' is no date"),
        (["report", "mrr", "--to", ""], "'' is no date"),
        (["report", "statement", "--customer", "x", "--from", "2025", "--open-items"], "have no beginning"),
        (["build", "--as-of", "2999-01"], "has not come yet"),
        (["report", "mrr", "--from", "2025-03", "--to", "2025-01"], "begins on 2025-03-01, after it ends"),
        (["report", "mrr", "--by", "month", "--by", "year"], "one kind of period"),
        (["report", "mrr", "--by", "product", "--by", "customer"], "one breakdown"),
        (["report", "aging", "--to", "2024"], "Aging speaks for one day"),
        (["report", "aging", "--by", "month", "--by", "customer"], "Aging by month is that of all customers"),
        (
            ["report", "dso", "--by", "customer", "--from", "2024"],
            "Payment delays of customers are of all time",
        ),
        (["report", "revenue", "--by", "year", "--by", "country"], "over the whole range"),
        (["report", "mrr", "--currency", "XYZ"], "Nothing is billed in 'XYZ'; there is CHF, EUR"),
        (["report", "aging", "--customer", "Nobody"], "Nobody"),
        (["report", "aging", "--customer", TWINS], TWINS),
        (["report", "aging", "--connection", "Nowhere"], "Nowhere"),
        (["report", "mrr", "--out", "figures.docx"], "does not say how to write"),
        (["report", "to-do", "--out", "todo.png"], "does not say how to write"),
        (["report", "mrr", "--out", "/no/such/folder/mrr.csv"], "could not be written"),
        (["report", "explain", "ebitda"], "no figure 'ebitda' to explain; there are: mrr"),
        (["report", "explain", "aging", "ancient"], "no aging bucket 'ancient'"),
        (["report", "explain", "line"], "Say which: pennybridge report explain line LINE"),
        (["report", "explain", "line", "77"], "No invoice line '77'"),
        (["report", "explain", "unmatched", "2025"], "takes no further word"),
        (["report", "explain", "over_90", "2025"], "takes no further word"),
        (["report", "explain", "cohort", "2019-Q1"], "no cohort 2019-Q1: no customer began then"),
        (["report", "explain", "cohort", "2023-08", "--age", "99"], "has come 20 months so far"),
        (["report", "explain", "cohort", "2023-08-01"], "a first month, quarter or year"),
        (["report", "explain", "cohort", "--age", "-1"], "Invalid value for '--age'"),
        (["report", "explain", "month_3", "2023", "--age", "3"], "month_3 says the age already"),
        (["report", "explain", "nrr", "--age", "3"], "--age and --measure are of a cohort"),
        (["report", "explain", "mrr", "--measure", "gross"], "--age and --measure are of a cohort"),
        (["report", "explain", "mrr", "--lines"], "mrr has no --lines"),
        (["report", "explain", "findings"], "Say which: pennybridge report explain findings TOPIC/ITEM"),
        (["report", "explain", "findings", "nothing/at all"], "no finding “nothing/at all”"),
        (["report", "aging", "--explain", "--format", "svg"], "A chart holds no lines"),
        (["report", "statement"], "Missing option '--customer'"),
        (["report", "revenue", "--from", "2020", "--to", "2021", "--format", "svg"], "nothing to draw"),
        (["overrides", "set", "--as", "one_off"], "Name one --line"),
        (["overrides", "set", "--line", "77", "--as", "one_off"], "No invoice line '77'"),
        (["overrides", "set", "--product", "Nothing", "--as", "one_off"], "Nothing sold is called 'Nothing'"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_bad_input_is_answered_with_a_sentence_and_exit_code_2(
    own: Shell, arguments: list[str], said: str
) -> None:
    is_report = arguments[0] == "report" and "--as-of" not in arguments
    done = own(*arguments, *(["--no-build"] if is_report else []))

    assert done.code == WRONG_USAGE
    assert said in done.err
    assert "Traceback" not in done.err
    assert not done.out


@pytest.mark.parametrize(
    "made", ["drop table build.state", "update build.state set value = 'older' where name = 'models'"]
)
def test_without_a_build_by_this_version_a_report_says_what_to_do(own: Shell, made: str) -> None:
    url = f"duckdb:///{own.home / 'pennybridge.duckdb'}"
    with open_database(url) as database, database.transaction() as transaction:
        transaction.execute(made)

    done = own("report", "mrr", "--no-build")

    assert done.code == FAILED
    assert "Nothing is built yet, or another version" in done.err
    assert "pennybridge build" in done.err


def test_a_customer_who_was_left_out_is_named_so_instead_of_owing_nothing(own: Shell) -> None:
    listed = json.loads(own("report", "aging", "--no-build", "--format", "json").out)
    customer = listed["rows"][0]["customer"]
    own("customers", "exclude", customer)

    done = own("report", "statement", "--customer", customer, "--no-build")

    assert done.code == WRONG_USAGE
    assert "is left out" in done.err
    assert "pennybridge customers include" in done.err


def test_without_a_company_a_report_says_to_connect_one(run: Callable[..., Shell], tmp_path: Path) -> None:
    done = run(tmp_path / "empty")("report", "mrr")

    assert done.code == WRONG_USAGE
    assert "pennybridge connect" in done.err


def test_a_decision_moves_what_rules_could_not_class_and_can_be_forgotten(own: Shell) -> None:
    listed = json.loads(own("report", "explain", "to-classify", "--no-build", "--format", "json").out)
    worst = listed["rows"][0]
    day = ["--as-of", AS_OF.isoformat()]

    done = own("overrides", "set", "--product", worst["price_id"], "--as", "one_off", "--note", "by hand")
    own("build", *day)
    after = json.loads(own("report", "explain", "to-classify", "--no-build", "--format", "json").out)
    line = dict(
        row.values() for row in json.loads(
            own("report", "explain", "line", worst["line_id"], "--no-build", "--format", "json").out
        )["rows"]
    )  # fmt: skip
    own("overrides", "remove", "--product", worst["price_id"])
    own("build", *day)

    assert "Kept: one_off, for" in done.out
    assert worst["price_id"] not in {row["price_id"] for row in after["rows"]}
    assert line["rule"] == "override_product"
    assert json.loads(own("report", "explain", "to-classify", "--no-build", "--format", "json").out) == listed
    assert own("overrides", "remove", "--product", worst["price_id"]).code == WRONG_USAGE


def test_decisions_go_out_as_a_file_and_come_back_the_same(own: Shell, tmp_path: Path) -> None:
    listed = json.loads(own("report", "explain", "to-classify", "--no-build", "--format", "json").out)
    first, *_, last = listed["rows"]
    own("overrides", "set", "--line", first["line_id"], "--as", "usage")
    own(
        "overrides", "set", "--product", last["price_id"], "--customer", last["customer_id"],
        "--as", "recurring", "--every", "12",
    )  # fmt: skip
    file = tmp_path / "decisions.csv"

    exported = own("overrides", "export", "--out", str(file))
    before = own("overrides", "list", "--json").out
    own("overrides", "remove", "--line", first["line_id"])
    imported = own("overrides", "import", str(file))

    assert exported.code == imported.code == DONE
    assert len(json.loads(before)) == 2
    assert own("overrides", "list", "--json").out == before


def test_a_file_of_decisions_with_a_bad_row_is_refused_whole(own: Shell, tmp_path: Path) -> None:
    file = tmp_path / "decisions.csv"
    file.write_text("line_id,customer_id,price_id,recurrence\n77,,,one_off\n78,,,sometimes\n", "utf-8")

    done = own("overrides", "import", str(file))

    assert done.code == WRONG_USAGE
    assert "line 3" in done.err
    assert own("overrides", "list").out == "Nothing has been decided yet.\n"


def test_a_decision_about_nothing_in_the_books_is_kept_and_said(own: Shell, tmp_path: Path) -> None:
    file = tmp_path / "decisions.csv"
    file.write_text("line_id,customer_id,price_id,recurrence\n77,,,one_off\n", "utf-8")

    done = own("overrides", "import", str(file))

    assert done.code == WARNED
    assert "No invoice line has line_id 77" in done.err


def test_a_long_table_is_cut_on_the_terminal_and_whole_in_a_file(shell: Shell) -> None:
    asked = ("report", "explain", "revenue", "2024", "--no-build")
    whole = shell(*asked, "--format", "csv").out.count("\n") - 1

    shown = shell(*asked).out

    assert whole > 300
    assert f"{whole - 200:,} more rows" in shown
    dated = [line for line in shown.splitlines() if " 2024-" in line and "Lines behind" not in line]
    assert len(dated) == 200


def test_a_narrow_terminal_gets_the_columns_that_matter_and_is_told_which_are_missing(built: Built) -> None:
    table = REPORTS["movements"].table(built, Question())

    narrow, left_out = fitting(table, 80)
    whole, nothing = fitting(table, 400)

    assert {"churn_mrr", "mrr", "new_mrr"} <= {column.name for column in narrow.columns}
    assert "Quick ratio" in left_out
    assert len(narrow.columns) + len(left_out) == len(table.columns)
    assert whole.columns == table.columns
    assert nothing == []
