"""`python warm_call.py SOCKET ARGUMENTS…`: `pennybridge ARGUMENTS…`, run by the server of `warm.py`.

Imports little: it is started for each command of each page.
"""

import json
import os
import signal
import socket
import sys


def call(path: str, arguments: list[str]) -> int:
    """Hand the command over, pass on what would stop it, and give its exit code."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.connect(path)
        command = {"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109
        message = json.dumps(command).encode()
        socket.send_fds(server, [b"%8d" % len(message)], [0, 1, 2])
        server.sendall(message)
        with server.makefile() as answers:
            child = int(answers.readline())
            for stop in (signal.SIGTERM, signal.SIGINT):
                signal.signal(stop, lambda number, _: os.kill(child, number))
            return int(answers.readline())


if __name__ == "__main__":
    sys.exit(call(sys.argv[1], sys.argv[2:]))
