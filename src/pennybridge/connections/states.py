"""The states of a connection, why a grant ended, and the way back from each, in words for people."""

from typing import Literal

State = Literal["new", "active", "paused", "unauthorized", "disconnected"]
"""`new`: connected in the hub, nothing is read until it is activated; `unauthorized`: Pennylane no longer
takes the grant; `disconnected`: the grant was erased, the data stays."""

Problem = Literal["token_refused", "expired", "revoked", "answer_lost", "not_revoked"]
"""Why a connection is unauthorized, or what was left undone when it was disconnected."""

WHY: dict[Problem, str] = {
    "token_refused": "Pennylane refuses its API token: it was deleted there, or its time is over. "
    "Make a new one in Pennylane and connect the company again with it.",
    "expired": "Its authorization was not used for 90 days, so Pennylane ended it. "
    "Authorize the company again in the hub.",
    "revoked": "Pennylane no longer takes its authorization: it was probably withdrawn there. "
    "Authorize the company again in the hub.",
    "answer_lost": "A renewal of its tokens was cut off after Pennylane had carried it out, so the new "
    "tokens are lost. Authorize the company again in the hub.",
    "not_revoked": "The grant was erased here but could not be revoked at Pennylane: "
    "withdraw it there, in the company's settings.",
}

WAY_BACK: dict[State, str] = {
    "new": "Activate it on its page in the hub, or run `pennybridge connections resume`; "
    "nothing is read before.",
    "paused": "Resume it with `pennybridge connections resume`; its data stays meanwhile.",
    "unauthorized": "Pennylane refused its grant: run `pennybridge connect` with a new API token, "
    "or authorize it again in the hub.",
    "disconnected": "Run `pennybridge connect` with a token to connect it again; its data stayed.",
}

MOVES: frozenset[tuple[State, State]] = frozenset(
    {
        ("new", "active"),
        ("paused", "active"),
        ("active", "active"),
        ("active", "paused"),
        ("paused", "paused"),
    }
)
"""What pausing, resuming and activating may do; the other ways lead through a new grant."""
