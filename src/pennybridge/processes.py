"""What a process is called among all that share a database, and whether another one is gone."""

import os
import secrets
import socket

_RUN = secrets.token_hex(4)
"""Tells this process from an earlier one of the same number, which in containers all have."""


def own_name() -> str:
    """`host/number/run` of this process; more may be put behind it, to tell parts of the process apart."""
    return f"{socket.gethostname()}/{os.getpid()}/{_RUN}"


def is_gone(name: str) -> bool:
    """Whether the process of this name has surely ended; of one on another machine nobody knows."""
    host, number, run = name.rsplit("/", 2)
    if host != socket.gethostname():
        return False
    if int(number) == os.getpid():
        return not run.startswith(_RUN)
    return not is_running(int(number))


def is_running(number: int) -> bool:
    """Whether this machine has a process of this number; where that cannot be told, it is believed."""
    if os.name != "posix":
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
