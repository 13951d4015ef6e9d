"""How each POST, PUT and DELETE of the contract is done: one table, operation → handler.

A handler gets a `Call` whose body is already what the contract allows (`call.data`), for a token that covers
the scope, and does its work inside one transaction of the books: it raises `Refusal` and nothing has
happened, or gives the `Answer`. The handlers stand in `writing/`, one file a subject.
"""

from pennybridge.emulator.calls import Handler
from pennybridge.emulator.writing.customers import CUSTOMER_WRITES
from pennybridge.emulator.writing.webhook_subscriptions import WEBHOOK_WRITES

WRITES: dict[str, Handler] = {
    **CUSTOMER_WRITES,
    **WEBHOOK_WRITES,
}
"""Operation → what does it."""
