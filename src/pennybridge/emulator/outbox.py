"""Mails that the emulator would have sent: one can read them, nobody gets them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mail:
    """A document on its way to somebody."""

    company: int
    """Number of the company that sent it."""
    sent_at: str
    resource: str
    document_id: int
    recipients: list[str]
    subject: str
    filename: str
