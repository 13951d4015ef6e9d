"""Shapes of the JSON API's answers; amounts are strings, so that no cent is lost, instants are UTC."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Made from our own values by attribute."""

    model_config = ConfigDict(from_attributes=True)


class Problem(Answer):
    """Every answer that is not what was asked for."""

    detail: str = Field(description="What happened, what was left behind, and what to do.")


class Connection(Answer):
    """A company's grant to us."""

    id: str
    company_id: int = Field(description="Pennylane's number of the company.")
    name: str
    kind: str = Field(description="`oauth` or `token`.")
    state: str = Field(description="`new`, `active`, `paused`, `unauthorized` or `disconnected`.")
    scopes: list[str]
    created_at: datetime
    updated_at: datetime


class Resource(Answer):
    """One landing table of a company."""

    resource: str
    rows: int = Field(description="Records that exist at Pennylane as far as is known.")
    deleted: int
    fresh_at: datetime | None
    problem: str | None


class ConnectionDetail(Connection):
    """A connection with the state of its data."""

    resources: list[Resource]
    attention: list[str] = Field(description="What needs a person.")


class Asked(Answer):
    """Whether work was begun."""

    begun: bool = Field(description="False when it is under way already.")


class Exclusion(Answer):
    """A customer that the company leaves out."""

    customer_id: int
    excluded: bool
