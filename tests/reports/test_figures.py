"""Each report against figures counted another way: from landing tables, or from the pieces it adds up."""

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from pennybridge.reports.built import Built
from pennybridge.reports.catalog import REPORTS
from pennybridge.reports.explain.catalog import FIGURES, MOVEMENTS
from pennybridge.reports.question import Breakdown, Granularity, Question, period_start
from pennybridge.reports.table import ReportTable
from tests.reports.synced import AS_OF

ALWAYS = date(2020, 1, 1)


def report(built: Built, name: str, **asked: Any) -> ReportTable:
    return REPORTS[name].table(built, Question(**asked))


def test_revenue_by_month_is_what_pennylane_says_was_invoiced(built: Built) -> None:
    counted = built.rows(
        "select cast(date_trunc('month', date) as date), sum(amount - tax) from pennylane.customer_invoices "
        "where company_id = :company_id and not draft and status <> 'incomplete' and deleted_at is null "
        "group by 1 order by 1"
    )

    table = report(built, "revenue", first=ALWAYS)

    assert [(row[0], round(row[3], 2)) for row in table.rows] == [
        (month, round(amount, 2)) for month, amount in counted
    ]


@pytest.mark.parametrize("breakdown", ["product", "country", "customer"])
def test_revenue_is_the_same_however_it_is_broken_down(built: Built, breakdown: Breakdown) -> None:
    whole = report(built, "revenue", first=ALWAYS)

    table = report(built, "revenue", first=ALWAYS, breakdown=breakdown)

    assert whole.totals
    assert sum(table.values("revenue")) == whole.totals[3]
    assert sum(table.values("share")) == pytest.approx(1)


def test_revenue_is_the_sum_of_its_classes(built: Built) -> None:
    table = report(built, "revenue", first=ALWAYS)

    for record in table.records():
        parts = ("recurring", "one_off", "usage", "unknown")
        assert sum(record[part] for part in parts) == record["revenue"]


def test_aging_today_is_what_pennylane_says_remains_to_be_paid(built: Built) -> None:
    remaining = built.rows(
        "select sum(remaining_amount_with_tax) from pennylane.customer_invoices "
        "where company_id = :company_id and not draft and status <> 'incomplete' and deleted_at is null"
    )[0][0]

    by_customer, by_country = report(built, "aging"), report(built, "aging", breakdown="country")
    by_month = report(built, "aging", granularity="month")

    assert sum(by_customer.values("open_amount")) == remaining
    assert sum(by_country.values("open_amount")) == remaining
    assert by_month.values("open_amount")[-1] == remaining
    assert by_month.values("snapshot_date")[-1] == AS_OF


def test_aging_of_a_customer_lists_the_documents_of_its_row(built: Built) -> None:
    table = report(built, "aging")
    (late,) = [record for record in table.records() if record["customer"] == table.rows[0][0]]
    customer_id = customer(built, late["customer"])

    documents = report(built, "aging", customer_id=customer_id, customer=late["customer"])

    assert sum(documents.values("open_amount")) == late["open_amount"]
    overdue = [row for row in documents.records() if row["aging_bucket"] not in {"not_due", "unapplied"}]
    assert sum(row["open_amount"] for row in overdue) == late["overdue"]


def test_mrr_of_every_month_opens_down_to_lines_that_add_up_to_it(built: Built) -> None:
    table = report(built, "mrr", first=ALWAYS)

    for month, mrr in zip(table.values("period_start"), table.values("mrr"), strict=True):
        lines = FIGURES["mrr"].explain(built, Question(last=end_of(month)))
        assert sum(lines.values("mrr")) == mrr
        assert lines.totals
        assert mrr in lines.totals


@pytest.mark.parametrize("breakdown", ["product", "country", "customer"])
@pytest.mark.parametrize("by", ["month", "quarter", "year"])
def test_mrr_is_the_same_however_it_is_broken_down(
    built: Built, by: Granularity, breakdown: Breakdown
) -> None:
    whole = report(built, "mrr", first=ALWAYS, granularity=by)

    slices = report(built, "mrr", first=ALWAYS, granularity=by, breakdown=breakdown)

    sums: dict[date, Decimal] = defaultdict(Decimal)
    for record in slices.records():
        sums[record["period_start"]] += record["mrr"]
    assert dict(sums) == dict(zip(whole.values("period_start"), whole.values("mrr"), strict=True))


@pytest.mark.parametrize("asked", [{}, {"currency": "EUR"}, {"granularity": "quarter"}])
def test_the_change_of_mrr_is_from_one_row_to_the_next(built: Built, asked: dict[str, Any]) -> None:
    table = report(built, "mrr", first=ALWAYS, **asked)

    figures = table.values("mrr")
    steps = [after - before for before, after in pairwise(figures)]
    assert table.values("change")[1:] == steps


def test_mrr_billed_in_one_currency_is_in_that_currency(built: Built) -> None:
    in_francs = report(built, "mrr", first=ALWAYS, currency="CHF")

    counted = built.rows(
        "select sum(mrr_ccy) from metrics.segments where company_id = :company_id and currency = 'CHF' "
        "and start_date <= :day and end_date > :day",
        day=AS_OF,
    )[0][0]
    assert in_francs.currency == "CHF"
    assert in_francs.values("mrr")[-1] == counted
    assert in_francs.values("held_mrr")[-1] is None


@pytest.mark.parametrize("by", ["month", "quarter", "year"])
@pytest.mark.parametrize("breakdown", [None, "product", "country", "customer"])
def test_movements_roll_forward_in_every_view(
    built: Built, by: Granularity, breakdown: Breakdown | None
) -> None:
    table = report(built, "movements", first=ALWAYS, granularity=by, breakdown=breakdown)

    assert table.rows
    for record in table.records():
        moved = sum(record[f"{kind}_mrr"] for kind in MOVEMENTS[:-1])
        assert record["start_mrr"] + moved + record["currency_effect"] == record["mrr"]
        assert record["net_new_mrr"] == moved


def test_totals_of_movements_lead_from_the_first_start_to_the_last_end(built: Built) -> None:
    table = report(built, "movements", first=ALWAYS)

    assert table.totals
    start, *moved, end, net = table.totals[1:10]
    assert start == 0
    assert start + sum(moved) == end == report(built, "mrr").values("mrr")[-1]
    assert net == sum(moved) - table.totals[7]


BRIDGE = {
    "new": "new_customer", "reactivation": "returning_customer", "cross_sell": "cross_sell",
    "volume": "volume", "price": "price", "unsplit": "unsplit", "mix": "mix", "dropped": "dropped",
    "churn": "lost_customer",
}  # fmt: skip


@pytest.mark.parametrize("by", ["month", "quarter", "year"])
@pytest.mark.parametrize("breakdown", [None, "product", "country", "customer"])
def test_the_parts_of_the_bridge_lead_from_start_to_end(
    built: Built, by: Granularity, breakdown: Breakdown | None
) -> None:
    table = report(built, "bridge", first=ALWAYS, granularity=by, breakdown=breakdown)

    assert table.rows
    for record in table.records():
        parts = sum(record[f"{part}_mrr"] for part in BRIDGE)
        assert record["start_mrr"] + parts + record["currency_effect"] == record["mrr"]


def test_the_bridge_and_the_movements_tell_the_same_story(built: Built) -> None:
    """Who comes, returns and leaves is the same; what changes with those who stay adds up to the same."""
    moved = {record["period_start"]: record for record in report(built, "movements", first=ALWAYS).records()}

    for record in report(built, "bridge", first=ALWAYS).records():
        other = moved[record["period_start"]]
        for name in ("start_mrr", "new_mrr", "reactivation_mrr", "churn_mrr", "mrr"):
            assert record[name] == other[name]


@pytest.mark.parametrize("part", BRIDGE)
def test_every_part_of_the_bridge_opens_down_to_sales_that_add_up_to_it(built: Built, part: str) -> None:
    summed = f"{part}_mrr" if part in {"volume", "price"} else "movement_mrr"

    for record in report(built, "bridge", first=ALWAYS, granularity="quarter").records():
        asked = Question(last=record["period_start"], granularity="quarter")
        assert sum(FIGURES[BRIDGE[part]].explain(built, asked).values(summed)) == record[f"{part}_mrr"]


@pytest.mark.parametrize("kind", MOVEMENTS[:-1])
def test_every_movement_opens_down_to_customers_that_add_up_to_it(built: Built, kind: str) -> None:
    table = report(built, "movements", first=ALWAYS, granularity="quarter")

    for start, amount in zip(table.values("period_start"), table.values(f"{kind}_mrr"), strict=True):
        asked = Question(last=start, granularity="quarter")
        assert sum(FIGURES[kind].explain(built, asked).values("movement_mrr")) == amount


def test_retention_is_that_of_the_customers_of_twelve_months_before(built: Built) -> None:
    table = report(built, "retention", first=date(2024, 7, 1))

    for record in table.records():
        customers = FIGURES["nrr"].explain(built, Question(last=end_of(record["period_start"])))
        then, now = sum(customers.values("mrr_then")), sum(customers.values("mrr_now"))
        assert record["nrr_12"] == pytest.approx(float(now / then))
        kept = sum(customers.values("kept_without_growth"))
        assert record["grr_12"] == pytest.approx(float(kept / then))


@pytest.mark.parametrize("by", ["month", "quarter", "year"])
def test_cohorts_count_each_customer_from_its_own_first_month(built: Built, by: Granularity) -> None:
    months = built.rows(
        "select customer_id, month_index, sum(mrr_base) from metrics.product_months "
        "where company_id = :company_id group by customer_id, month_index having sum(mrr_base) <> 0"
    )
    lives: dict[str, dict[int, Decimal]] = defaultdict(dict)
    for customer_id, index, mrr in months:
        lives[customer_id][index] = mrr
    table = report(built, "cohorts", granularity=by)

    last = AS_OF.year * 12 + AS_OF.month
    for record in table.records():
        members = [life for life in lives.values() if period_start(first_month(life), by) == record["cohort"]]
        assert record["cohort_customers"] == len(members)
        for name, share in record.items():
            if not name.startswith("month_") or share is None:
                continue
            age = int(name.removeprefix("month_"))
            alive = [life for life in members if life.get(min(life) + age, 0) > 0]
            assert all(min(life) + age <= last for life in members)
            assert share == pytest.approx(len(alive) / len(members))


def test_the_average_of_cohorts_weighs_them_by_their_start_and_leaves_the_month_under_way_out(
    built: Built,
) -> None:
    table = report(built, "cohorts", granularity="month", measure="revenue")

    cells = built.rows(
        "select sum(mrr_base), sum(cohort_mrr_base) from metrics.cohorts "
        "where company_id = :company_id and months_since = 3 and not is_partial"
    )[0]
    assert table.totals
    assert table.totals[3 + 3] == pytest.approx(float(cells[0] / cells[1]))


def test_count_back_dso_is_the_days_that_its_steps_count(built: Built) -> None:
    table = report(built, "dso", first=ALWAYS)

    compared = 0
    for record in table.records():
        if record["dso_countback"] is None:
            continue
        steps = FIGURES["dso"].explain(built, Question(last=min(end_of(record["period_start"]), AS_OF)))
        assert sum(steps.values("days_counted")) == pytest.approx(record["dso_countback"])
        compared += 1
    assert compared > 12


def test_what_to_do_names_only_customers_who_owe(built: Built) -> None:
    owing = {record["customer"]: record for record in report(built, "aging").records()}

    table = report(built, "to-do")

    assert table.rows
    for record in table.records():
        assert record["overdue"] == owing[record["customer"]]["overdue"]
        assert record["reason"]
    scores = table.values("score")
    assert scores == sorted(scores, reverse=True)


def test_quality_accounts_for_every_invoiced_line_once(built: Built) -> None:
    lines, amount = built.rows(
        "select count(*), sum(amount_excluding_tax_after_discount_base) from billing.invoice_lines "
        "where company_id = :company_id and not is_credit_note"
    )[0]

    found = [row for row in report(built, "quality").rows if row[0] == "recurrence"]

    assert sum(row[2] for row in found) == lines
    assert sum(row[3] for row in found) == amount
    assert sum(row[4] for row in found) == pytest.approx(1)


def test_what_is_to_classify_is_the_unknown_part_of_revenue(built: Built) -> None:
    whole = report(built, "revenue", first=ALWAYS).totals
    listed = FIGURES["to-classify"].explain(built, Question())

    unclassified = [row for row in listed.records() if row["problem"] != "no period"]
    assert whole
    assert sum(row["amount"] for row in unclassified) == whole[7]


def test_a_line_tells_the_rule_that_judged_it_and_its_evidence(built: Built) -> None:
    line_id = FIGURES["mrr"].explain(built, Question()).values("line_id")[0]

    known: dict[str, str] = dict(FIGURES["line"].explain(built, Question(which=line_id)).rows)

    assert known["recurrence"] == "recurring"
    assert known["rule"]
    assert known["period_from"]


def test_a_rate_far_beyond_the_others_leaves_the_chart_of_retention_at_its_edge(built: Built) -> None:
    """A first month that rests on one small customer would make every other month a flat line."""
    table = report(built, "retention", first=ALWAYS)
    at = [column.name for column in table.columns].index("nrr_12")
    known = next(number for number, row in enumerate(table.rows) if row[at] is not None)
    rows = [list(row) for row in table.rows]
    rows[known][at] = 120.0
    chart = REPORTS["retention"].chart
    assert chart

    ruled = json.dumps(chart(replace(table, rows=tuple(map(tuple, rows))), "en"), ensure_ascii=False)

    assert '"domainMax"' in ruled
    assert "▲ 12,000.0%" in ruled


def customer(built: Built, name: str) -> str:
    found: str = built.rows("select original_id from billing.customers where name = :name", name=name)[0][0]
    return found


def end_of(month: date) -> date:
    from pennybridge.periods import month_end

    return month_end(month)


def first_month(life: dict[int, Decimal]) -> date:
    index = min(life)
    return date((index - 1) // 12, (index - 1) % 12 + 1, 1)
