"""Analytical categories of invoices: found by group and label, created when asked, put on with weights."""

from collections.abc import Sequence
from decimal import Decimal

from pennybridge.api.client import Client
from pennybridge.api.payloads import Category, CategoryGroup
from pennybridge.errors import ApiError, InvoicingError
from pennybridge.invoicing.drafts import CategoryWeight
from pennybridge.invoicing.existing import records
from pennybridge.invoicing.fields import plain
from pennybridge.invoicing.once import Patience, write_once


class Categories:
    """The company's categories, read once; new ones are added as they are made."""

    def __init__(self, client: Client, *, create: bool = False, patience: Patience | None = None) -> None:
        """Reads nothing yet.

        Args:
            client: Of the company.
            create: Whether categories and groups that are not there are created.
            patience: How long an unclear outcome is followed up.
        """
        self._client = client
        self._create = create
        self._patience = patience or Patience()
        self._groups: dict[str, CategoryGroup] = {}
        self._known: list[Category] | None = None

    def ids(self, weights: Sequence[CategoryWeight]) -> list[tuple[int, Decimal]]:
        """Ids with weights, as `bodies.categories_body` takes them.

        Raises:
            InvoicingError: A category is not there, or several have its label; the message names it.
            ApiError: It could not be created.
        """
        return [(one.id or self._id(one.group, one.label or ""), one.weight) for one in weights]

    def planned(self, weights: Sequence[CategoryWeight]) -> list[tuple[int, Decimal]]:
        """As `ids`, but nothing is created: the id of what would be is 0.

        Raises:
            InvoicingError: A category is not there, or several have its label; the message names it.
        """
        return [(one.id or self._planned_id(one.group, one.label or "") or 0, one.weight) for one in weights]

    def _id(self, group: str | None, label: str) -> int:
        return self._planned_id(group, label) or self._make(self._group_id(group), label).id

    def _planned_id(self, group: str | None, label: str) -> int | None:
        """The id; None if there is none yet and it may be created."""
        self._read()
        found = self._find(group, label)
        if len(found) > 1:
            ids = ", ".join(str(one.id) for one in found)
            raise InvoicingError(
                f"{len(found)} categories are called {label!r} (ids {ids}): name the group too"
            )
        if found:
            return found[0].id
        if not self._create:
            raise InvoicingError(
                f"there is no category {_shown(group, label)}: create it in Pennylane, or allow new "
                "categories (--create-categories)"
            )
        if group is None and len(self._groups) != 1:
            there_are = ", ".join(one.label for one in self._groups.values()) or "none"
            raise InvoicingError(
                f"a new category {label!r} needs a group, as Group/{label}; there are: {there_are}"
            )
        return None

    def _read(self) -> None:
        if self._known is None:
            self._known = records(self._client, "categories", Category)
            groups = records(self._client, "category_groups", CategoryGroup)
            self._groups = {plain(group.label): group for group in groups}

    def _find(self, group: str | None, label: str) -> list[Category]:
        wanted = self._groups.get(plain(group)) if group else None
        return [
            one
            for one in self._known or []
            if plain(one.label) == plain(label)
            and (group is None or (wanted and one.category_group and one.category_group.id == wanted.id))
        ]

    def _group_id(self, group: str | None) -> int:
        if group is None:
            return next(iter(self._groups.values())).id
        known = self._groups.get(plain(group))
        return known.id if known else self._make_group(group).id

    def _make_group(self, label: str) -> CategoryGroup:
        def send() -> CategoryGroup:
            return CategoryGroup(
                id=self._client.post("/category_groups", {"label": label}).json()["id"], label=label
            )

        def look(_: ApiError | None) -> CategoryGroup | None:
            found = records(self._client, "category_groups", CategoryGroup)
            return next((one for one in found if plain(one.label) == plain(label)), None)

        made, _ = write_once(send, look, look_first=False, patience=self._patience)
        self._groups[plain(label)] = made
        return made

    def _make(self, group_id: int, label: str) -> Category:
        body = {"label": label, "category_group_id": group_id}

        def send() -> Category:
            return Category(id=self._client.post("/categories", body).json()["id"], label=label)

        def look(_: ApiError | None) -> Category | None:
            found = records(self._client, "categories", Category, [("category_group_id", "eq", group_id)])
            return next((one for one in found if plain(one.label) == plain(label)), None)

        made, _ = write_once(send, look, look_first=False, patience=self._patience)
        self._known = None  # read anew next time, with its group
        return made


def _shown(group: str | None, label: str) -> str:
    return f"{group}/{label}" if group else repr(label)
