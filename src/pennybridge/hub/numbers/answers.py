"""Reports and charts, computed once per build and kept while there is room."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from pennybridge.hub.numbers.books import Figures
from pennybridge.reports.catalog import Report
from pennybridge.reports.charts.variants import Size, Theme, variant
from pennybridge.reports.question import Question
from pennybridge.reports.render import to_png, to_svg
from pennybridge.reports.table import ReportTable
from pennybridge.reports.text import Language

CELLS = 1_000_000
"""Of all tables kept, about 100 MB; a table larger than that is answered and not kept."""
CHART_BYTES = 32 * 2**20

_Made = TypeVar("_Made")


class Kept:
    """What was asked for last, by key; what was not asked for longest makes room."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._weight = 0
        self._things: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], _Made], weigh: Callable[[_Made], int]) -> _Made:
        """The thing under a key, made if it is not there."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return cast("_Made", self._things[key][1])
        made = make()
        with self._lock:
            weight = weigh(made)
            if weight <= self._limit and key not in self._things:
                self._things[key] = (weight, made)
                self._weight += weight
            while self._weight > self._limit:
                _, (gone, _) = self._things.popitem(last=False)
                self._weight -= gone
        return made


class Answers:
    """Every table and chart of the application; usable from any thread."""

    def __init__(self) -> None:
        self._tables = Kept(CELLS)
        self._charts = Kept(CHART_BYTES)

    def table(
        self,
        figures: Figures,
        name: str,
        make: Callable[..., ReportTable],
        question: Question,
    ) -> ReportTable:
        """A report, or what stands behind a figure, under a name of its own."""
        key = (figures.version, figures.built.company_id, name, question)
        return self._tables.get(
            key,
            lambda: make(figures.built, question),
            lambda table: (len(table.rows) + 1) * (len(table.columns) + 1),
        )

    def chart(
        self,
        figures: Figures,
        report: Report,
        question: Question,
        *,
        language: Language,
        shape: str,
        theme: Theme = "light",
        size: Size = "wide",
    ) -> bytes | None:
        """A report's chart as SVG or PNG; None when the report has none, or nothing to draw."""
        table = self.table(figures, report.name, report.table, question)
        chart = report.chart
        if chart is None or not table.rows:
            return None

        def draw() -> bytes:
            spec = variant(chart(table, language), theme=theme, size=size)
            return to_png(spec) if shape == "png" else to_svg(spec).encode()

        key = (figures.version, figures.built.company_id, report.name, question, language, shape, theme, size)
        return self._charts.get(key, draw, len)
