"""What a sync did, resource by resource."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pennybridge.sync.plan import Kind

Progress = Callable[[str, int, int | None], None]
"""Called with a resource, how many records are done, and how many there are if that is known."""


@dataclass
class ResourceReport:
    """The loads of one resource in one sync, added up."""

    resource: str
    kind: Kind
    state: str = "running"
    """`done`, `partial` (details left for a later sync), `failed` or `skipped`."""
    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    requests: int = 0
    seconds: float = 0.0
    problem: str | None = None
    """Why it failed, was skipped or is partial, and what to do."""

    @property
    def written(self) -> int:
        """Rows inserted, changed or marked as deleted."""
        return self.inserted + self.updated + self.deleted


@dataclass
class SyncReport:
    """One run over the resources of a company."""

    company_id: int
    resources: dict[str, ResourceReport] = field(default_factory=dict)
    requests: int = 0
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether any resource could not be brought up to date."""
        return any(report.state == "failed" for report in self.resources.values())

    @property
    def has_warnings(self) -> bool:
        """Whether something was left out or left for later."""
        return any(report.state in {"skipped", "partial"} for report in self.resources.values())

    def __getitem__(self, resource: str) -> ResourceReport:
        return self.resources[resource]
