"""By what recurring revenue is broken down, in SQL: the label of a group, and the name that people know."""


def label_of(breakdown: str | None, table: str) -> str:
    """What tells groups apart: an expression over an alias with customers' products, and `customers`."""
    return {
        None: "cast('' as text)",  # PostgreSQL groups by no bare constant
        "product": f"{table}.price_id",
        "country": "coalesce(customers.country, '??')",
        "customer": f"{table}.customer_id",
    }[breakdown]


def names_of(breakdown: str | None, groups: str) -> tuple[str, str]:
    """The column to select, with its comma, and the join that brings it, for groups with a `label`."""
    return {
        None: ("", ""),
        "product": (
            "names.name,",
            f"""left join (
                select original_id, min(name) as name from billing.prices
                where company_id = :company_id group by original_id
            ) as names on names.original_id = {groups}.label""",  # noqa: S608 — text of ours
        ),
        "country": (f"{groups}.label,", ""),
        "customer": (
            "names.name,",
            f"""left join billing.customers as names
                on names.company_id = :company_id and names.original_id = {groups}.label""",
        ),
    }[breakdown]
