"""Books written by hand: customers, invoices, credit notes and payments, put into the landing tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from pennybridge.store import Database, Transaction
from pennybridge.store.batches import ARROW_TYPES
from pennybridge.store.landing import TABLES

READ_AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
Amount = Decimal | int | str


@dataclass(frozen=True)
class Line:
    """An invoice line; `period` holds the first and the last day, as people write them."""

    amount: Amount
    label: str = "Abonnement Pro"
    period: tuple[str, str] | None = None
    product: int | None = None
    description: str | None = None
    tax: Amount | None = None
    quantity: Amount = 1
    unit: str | None = None


@dataclass
class Books:
    """One company's books. Every `add_…` gives the id of what it added; `land` writes what is new."""

    company_id: int = 1
    base_currency: str = "EUR"
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _excluded: list[int] = field(default_factory=list)
    _last_id: int = 0
    _is_known: bool = False

    def next_id(self) -> int:
        """Ids as Pennylane gives them: multiples of 4096 that grow."""
        self._last_id += 4096
        return self._last_id + self.company_id * 10**10

    def add(self, table: str, **columns: Any) -> int:
        """Add a row of any landing table; columns not named are null."""
        row = {"id": columns.pop("id", None) or self.next_id(), **columns}
        self._rows.setdefault(table, []).append(row)
        return int(row["id"])

    def add_customer(self, name: str = "Customer", **columns: Any) -> int:
        """Add a customer."""
        return self.add(
            "customers", **{"customer_type": "company", "name": name, "billing_country": "FR", **columns}
        )

    def add_product(self, label: str, price: Amount = 100, **columns: Any) -> int:
        """Add a product of the catalog."""
        columns = {"currency": "EUR", "vat_rate": "FR_200", **columns}
        return self.add("products", label=label, price_before_tax=Decimal(price), **columns)

    def add_invoice(
        self,
        customer: int,
        day: str,
        lines: Sequence[Line],
        *,
        currency: str = "EUR",
        rate: Amount = 1,
        due: str | None = None,
        paid: Amount = 0,
        discount: Amount = 0,
        line_ids: list[int] | None = None,
        **columns: Any,
    ) -> int:
        """Add a final invoice, or a credit note when the lines are negative.

        Args:
            customer: Whose.
            day: The invoice date.
            lines: Amounts without tax in the currency; tax is 20 % unless a line says otherwise.
            currency: The document's.
            rate: Euros for one unit of it.
            due: The due date; 30 days later by default.
            paid: Euros settled, tax included; "all" for everything.
            discount: The invoice's own, without tax, in the currency; its tax is 20 %.
            line_ids: Filled with the ids of the lines, where given.
            columns: Any other column of the landing table.
        """
        invoice_id = columns.pop("id", None) or self.next_id()
        excl_tax = sum((Decimal(line.amount) for line in lines), Decimal(0)) - Decimal(discount)
        tax = sum((_tax(line) for line in lines), Decimal(0)) - Decimal(discount) * Decimal("0.2")
        total_eur, tax_eur = _cents((excl_tax + tax) * Decimal(rate)), _cents(tax * Decimal(rate))
        settled = total_eur if paid == "all" else Decimal(paid)
        self.add(
            "customer_invoices",
            id=invoice_id,
            **{
                "customer_id": customer,
                "invoice_number": f"F-{invoice_id}",
                "status": "paid" if paid == "all" else "upcoming",
                "draft": False,
                "paid": settled == total_eur,
                "date": date.fromisoformat(day),
                "deadline": date.fromisoformat(due) if due else date.fromisoformat(day) + timedelta(days=30),
                "currency": currency,
                "amount": total_eur,
                "tax": tax_eur,
                "currency_amount": excl_tax + tax,
                "currency_amount_before_tax": excl_tax,
                "currency_tax": tax,
                "exchange_rate": Decimal(rate),
                "remaining_amount_with_tax": total_eur - settled,
                "discount_type": "absolute",
                "discount_value": Decimal(discount),
                "lines_complete": True,
                **columns,
            },
        )
        added = [self._add_line(invoice_id, line, Decimal(rate)) for line in lines]
        if line_ids is not None:
            line_ids.extend(added)
        return invoice_id

    def add_transaction(self, invoice: int, day: str, amount: Amount, *, id: int | None = None) -> int:  # noqa: A002 — the column's name
        """Add a bank transaction matched to an invoice, in euros."""
        euros = Decimal(amount)
        return self.add(
            "matched_transactions",
            id=id,
            customer_invoice_id=invoice,
            date=date.fromisoformat(day),
            amount=euros,
            currency_amount=euros,
            currency="EUR",
        )

    def add_exclusion(self, customer: int) -> None:
        """Leave a customer out."""
        self._excluded.append(customer)

    def add_subscription(self, customer: int, lines: Sequence[Line], **columns: Any) -> int:
        """Add a billing subscription, monthly from 2025 unless the columns say otherwise."""
        total = sum((Decimal(line.amount) for line in lines), Decimal(0))
        subscription = self.add(
            "billing_subscriptions",
            **{
                "customer_id": customer,
                "label": "Subscription",
                "status": "in_progress",
                "rule_type": "monthly",
                "rule_interval": 1,
                "start": date(2025, 1, 1),
                "currency": "EUR",
                "amount": total,
                "currency_amount": total,
                "currency_amount_before_tax": total,
                **columns,
            },
        )
        for line in lines:
            self._add_line(subscription, line, Decimal(1), "billing_subscription")
        return subscription

    def land(self, database: Database, load_id: str = "load-1", read_at: datetime = READ_AT) -> None:
        """Write what was added since the last time; rows with an id that is there replace the old ones."""
        with database.transaction() as transaction:
            if not self._is_known:
                transaction.execute(
                    "insert into pennylane.companies (company_id, name, base_currency) "
                    "values (:id, 'Company', :base)",
                    id=self.company_id,
                    base=self.base_currency,
                )
                self._is_known = True
            for table, rows in self._rows.items():
                self._land_table(transaction, table, rows, load_id, read_at)
            for customer in self._excluded:
                transaction.execute(
                    "insert into pennylane.exclusions (company_id, customer_id, excluded_at) "
                    "values (:company, :customer, :now)",
                    company=self.company_id,
                    customer=customer,
                    now=read_at,
                )
        self._rows, self._excluded = {}, []

    def _add_line(self, parent: int, line: Line, rate: Decimal, of: str = "customer_invoice") -> int:
        excl_tax, tax = Decimal(line.amount), _tax(line)
        return self.add(
            f"{of}_lines",
            **{
                f"{of}_id": parent,
                "label": line.label,
                "description": line.description,
                "product_id": line.product,
                "quantity": Decimal(line.quantity),
                "unit": line.unit,
                "vat_rate": "FR_200",
                "currency_amount": excl_tax + tax,
                "currency_amount_before_tax": excl_tax,
                "currency_tax": tax,
                "raw_currency_unit_price": excl_tax,
                "amount": _cents((excl_tax + tax) * rate),
                "tax": _cents(tax * rate),
                "imputation_start_date": date.fromisoformat(line.period[0]) if line.period else None,
                "imputation_end_date": date.fromisoformat(line.period[1]) if line.period else None,
            },
        )

    def _land_table(
        self,
        transaction: Transaction,
        table: str,
        rows: Sequence[Mapping[str, Any]],
        load_id: str,
        read_at: datetime,
    ) -> None:
        described = TABLES[table]
        kinds = {"company_id": "bigint", "id": "bigint"}
        if described.parent:
            kinds[described.parent] = "bigint"
        kinds |= {column.name: column.kind for column in (*described.columns, *described.own)}
        columns: dict[str, Any] = {
            name: pa.array([_exact(row.get(name), kind) for row in rows], ARROW_TYPES[kind])  # type: ignore[index]
            for name, kind in kinds.items()
            if name != "company_id"
        }
        stamp = pa.timestamp("us", "UTC")
        columns |= {
            "company_id": pa.array([self.company_id] * len(rows), pa.int64()),
            "payload": pa.array(["{}"] * len(rows)),
            "read_at": pa.array([read_at] * len(rows), stamp),
            "load_id": pa.array([load_id] * len(rows)),
            "deleted_at": pa.array([row.get("deleted_at") for row in rows], stamp),
        }
        for row in rows:
            transaction.execute(
                f"delete from pennylane.{table} where company_id = :company and id = :id"
                + (" and customer_invoice_id = :parent" if described.key_has_parent else ""),
                company=self.company_id,
                id=row["id"],
                **({"parent": row["customer_invoice_id"]} if described.key_has_parent else {}),
            )
        transaction.append(f"pennylane.{table}", pa.table(columns))


def _tax(line: Line) -> Decimal:
    return _cents(Decimal(line.amount) * Decimal("0.2")) if line.tax is None else Decimal(line.tax)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


def _exact(value: Any, kind: str) -> Any:
    if isinstance(value, Decimal):
        return value.quantize(Decimal("0.000001") if kind == "decimal" else Decimal("0.0000000001"))
    return value
