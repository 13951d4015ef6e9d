"""Worked examples of public sources whose inputs are bare figures: one model, run on rows."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pennybridge.models.ecb_rates import currency_per_eur
from pennybridge.models.late_interest import late_interest
from tests.models.single_model import run_model
from tests.models.vectors import NEEDED, vector

pytestmark = NEEDED


def rates(**figures: object) -> dict[str, Any]:
    """The rates of one period with these figures and zeros else."""
    money = ("start", "new", "expansion", "contraction", "churn", "reactivation")
    row: dict[str, Any] = {f"{name}_mrr_base": Decimal(str(figures.get(name, 0))) for name in money}
    row |= {"mrr_base": Decimal(str(figures.get("mrr", 0))), "customers": figures.get("customers", 0)}
    row |= {"start_customers": figures.get("start_customers", 0), "churned_customers": figures.get("lost", 0)}
    row |= {"company_id": 1, "granularity": "month", "period_index": 24301, "period_start": date(2025, 1, 1)}
    [found] = run_model("metrics.rates", {"metrics.mrr": [row]})
    return found


def test_churn_rates() -> None:
    given, expected = vector("churn_fincome")
    found = rates(start=given["start_mrr"], churn=-given["churn_mrr"], contraction=-given["contraction_mrr"])
    assert found["mrr_churn_rate"] == pytest.approx(expected["mrr_churn_rate"])
    assert found["gross_mrr_churn_rate"] == pytest.approx(expected["gross_mrr_churn_rate_with_contraction"])

    given, expected = vector("churn_chartmogul_gross_net")
    found = rates(
        start=given["start_mrr"],
        churn=-given["churn_mrr"],
        contraction=-given["contraction_mrr"],
        expansion=given["expansion_mrr"],
    )
    assert found["gross_mrr_churn_rate"] == pytest.approx(expected["gross_mrr_churn_rate"])
    assert found["net_mrr_churn_rate"] == pytest.approx(expected["net_mrr_churn_rate"])

    given, expected = vector("churn_mainmetrics_logo")
    found = rates(start_customers=given["customers_start"], lost=given["lost_from_start"])
    assert found["customer_churn_rate"] == pytest.approx(expected["logo_churn_rate"])


@pytest.mark.parametrize("name", ["qr_theprimecalculator", "qr_supercalc_1", "qr_supercalc_2"])
def test_quick_ratio(name: str) -> None:
    given, expected = vector(name)

    found = rates(
        new=given["new"],
        expansion=given["expansion"],
        churn=-given["churn"],
        contraction=-given["contraction"],
    )

    assert found["quick_ratio"] == pytest.approx(expected["quick_ratio"], abs=0.0051)
    assert found["net_new_mrr_base"] == expected["net_new"]


def test_a_denominator_of_zero_gives_nothing() -> None:
    found = rates(new=100)

    assert [
        found[name] for name in ("quick_ratio", "mrr_churn_rate", "customer_churn_rate", "arpa_base")
    ] == [None] * 4


def test_arpa() -> None:
    given, expected = vector("arpa_chartmogul")

    found = rates(mrr=sum(given["customer_mrr"]), customers=len(given["customer_mrr"]))

    assert found["arpa_base"] == expected["arpa"]


def test_net_revenue_retention_of_bare_figures() -> None:
    """One customer lost for 3,000, one shrunk by 2,000, one grown by 6,000, of 50,000 in all."""
    given, expected = vector("nrr_revenuecalculators")
    rest = given["start_mrr"] - given["churn"] - given["contraction"]
    changes = [(given["churn"], 0), (given["contraction"], 0), (rest, rest + given["expansion"])]
    customers = [
        {
            "company_id": 1, "customer_id": str(number), "month_index": 24301, "mrr_base": Decimal(start),
            "next_month_mrr_base": Decimal(end), "next_year_mrr_base": Decimal(0),
        }
        for number, (start, end) in enumerate(changes)
    ]  # fmt: skip
    periods = [{"granularity": "month", "period_index": 24302, "period_start": date(2025, 2, 1)}]

    [found] = run_model(
        "metrics.retention", {"metrics.customer_months": customers, "metrics.periods": periods}
    )

    assert found["nrr"] == pytest.approx(expected["nrr"])
    assert found["kept_mrr_base"] == expected["ending_existing_mrr"]


def indicators(**figures: object) -> dict[str, Any]:
    """The last of the receivables indicators over these figures; `opening` stands a month before."""

    def month_end(index: int, total: object, current: object) -> dict[str, Any]:
        late = Decimal(str(total)) - Decimal(str(current))
        amounts = {"open_amount_eur": total, "not_due_eur": current, "overdue_eur": late, "unapplied_eur": 0}
        days = {
            "snapshot_date": date(2025, index, 28),
            "month_start": date(2025, index, 1),
            "is_as_of": index == 2,
        }
        return {"company_id": 1, "month_index": 24300 + index, **days} | {
            name: Decimal(str(amount)) for name, amount in amounts.items()
        }

    sales = {"company_id": 1, "month_start": date(2025, 2, 1)}
    rows = run_model(
        "receivables.indicators",
        {
            "receivables.month_ends": [
                month_end(1, figures.get("opening", 0), 0),
                month_end(2, figures["ar"], figures.get("current", 0)),
            ],
            "receivables.monthly_sales": [
                {**sales, "month_index": 24301, "days": 0, "sales_incl_tax_eur": Decimal(0)},
                {
                    **sales, "month_index": 24302, "days": figures.get("days", 28),
                    "sales_incl_tax_eur": Decimal(str(figures["sales"])),
                },
            ],
            "receivables.days_sales_outstanding": [
                {
                    "company_id": 1, "month_index": 24300 + index, "dso_countback_days": 0.0,
                    "is_beyond_history": False, "history_days": 0,
                }
                for index in (1, 2)
            ],
        },
    )  # fmt: skip
    return next(row for row in rows if row["is_as_of"])


def test_simple_dso_best_possible_dso_and_days_delinquent() -> None:
    given, expected = vector("dso_simple_fr")
    found = indicators(ar=given["ar"], sales=given["sales_ht"] + given["vat"], days=given["days"])
    assert found["dso_simple_days"] == pytest.approx(expected["dso"], abs=0.5)

    given, expected = vector("dso_simple_fr_quarter")
    found = indicators(ar=given["ar"], sales=given["sales"], days=given["days"])
    assert found["dso_simple_days"] == pytest.approx(expected["dso"])

    given, expected = vector("add_creditguru")
    found = indicators(ar=given["ar"], current=given["current_ar"], sales=given["sales"], days=given["days"])
    assert found["dso_simple_days"] == pytest.approx(expected["dso"])
    assert found["best_possible_dso_days"] == pytest.approx(expected["bpdso"])
    assert found["average_days_delinquent"] == pytest.approx(expected["add"])


@pytest.mark.parametrize("name", ["cei_gaviti_year", "cei_q1_total_sales"])
def test_collection_effectiveness(name: str) -> None:
    given, expected = vector(name)

    found = indicators(
        opening=given["beginning"],
        ar=given["ending_total"],
        current=given["ending_current"],
        sales=given["credit_sales"],
    )

    assert found["collection_effectiveness"] * 100 == pytest.approx(expected["cei"], abs=0.005)


def test_count_back_dso() -> None:
    given, expected = vector("dso_countback_benji")
    ends = [{"company_id": 1, "month_index": 24303, "open_amount_eur": Decimal(given["ar"])}]
    sales = [
        {"company_id": 1, "month_index": 24303 - age, "days": days, "sales_incl_tax_eur": Decimal(amount)}
        for age, (amount, days) in enumerate(given["months_latest_first"])
    ]

    [found] = run_model(
        "receivables.days_sales_outstanding",
        {"receivables.month_ends": ends, "receivables.monthly_sales": sales},
    )

    assert found["dso_countback_days"] == pytest.approx(expected["dso"], abs=0.05)


def test_late_interest_and_the_fixing_of_a_holiday() -> None:
    given, expected = vector("late_fee_shine")
    interest = late_interest(Decimal(given["amount_ttc"]), Decimal(str(given["rate"])), given["days"])
    assert float(interest) == expected["interest"]

    given, expected = vector("fx_ecb_good_friday")
    rate = currency_per_eur(given["from"], date.fromisoformat(given["date"]))
    assert rate is not None
    assert float(given["amount"] / rate) == pytest.approx(expected["last_known"], abs=1e-9)
