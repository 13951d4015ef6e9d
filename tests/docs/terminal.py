"""The terminal of a page's reader: one shell from the first command to the last, and servers beside it."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import NamedTuple, Self
from urllib.error import URLError
from urllib.request import urlopen

from tests.docs.pages import ROOT

COLUMNS = 110
END = "\x1e"
"""Stands around the exit code that follows each command's output, and in no output."""
SERVERS = {
    "emulator": ("Look at it:", 8765),
    "serve": ("Pennybridge is at", 8080),
    "worker": ("worker started", 0),
}
"""What a command that goes on running says when it is ready, and its port."""
PATIENCE = 120.0
"""Seconds that a silent command gets; on a busy machine a build takes a few."""


class Ran(NamedTuple):
    """What a command left: its exit code, what it wrote on the terminal, and to standard error."""

    code: int
    out: str
    err: str


class Serving(NamedTuple):
    """A command that goes on running: `files` with the endings `.out` and `.err` hold what it writes."""

    kind: str
    pid: int
    files: Path
    health: str
    """Address that answers once it serves, if there is one."""


class Terminal:
    """A shell of 110 columns in an empty folder: `with Terminal(…) as terminal: terminal.run("ls")`.

    Args:
        home: A folder that does not exist; the reader's home, with `work`, where the shell begins.
        warm: Socket of the server that runs `pennybridge`.
        elsewhere: Addresses as pages write them, and where they are here.
    """

    def __init__(self, home: Path, warm: Path, elsewhere: dict[str, str] | None = None) -> None:
        self.folder = home / "work"
        self.elsewhere = dict(elsewhere or {})
        self._behind = home / "behind"
        self._serving: list[Serving] = []
        self._started = 0
        for folder in (self.folder, self._behind, home / "bin", self.folder / ".venv" / "bin"):
            folder.mkdir(parents=True)
        _install(self.folder / ".venv", home / "bin", warm)
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        self._screen = os.fdopen(ours, "rb", buffering=0)
        path = f"{home / 'bin'}:{os.environ['PATH']}"
        self._shell = subprocess.Popen(
            ["/bin/sh"],
            cwd=self.folder,
            env={"HOME": str(home), "PATH": path, "TERM": "xterm", "LANG": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=theirs,
            stderr=subprocess.STDOUT,
        )
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._serving:
            os.kill(each.pid, signal.SIGTERM)
        self._shell.kill()
        self._shell.communicate()
        self._screen.close()

    def run(self, line: str) -> Ran:
        """Type a command and wait for its end; what serves goes on beside, as in a second terminal."""
        name = re.match(r"pennybridge (\w+)", line)
        if name and name[1] in SERVERS:
            return self._start(line, name[1])
        return self._run(line)

    def stop(self, *, emulators: bool = True) -> list[str]:
        """Stop what serves, as Ctrl-C would; what did not end well, with what it wrote."""
        stopping = [each for each in self._serving if emulators or each.kind != "emulator"]
        self._serving = [each for each in self._serving if each not in stopping]
        ended = [(each, self._run(f"kill -TERM {each.pid}; wait {each.pid}")) for each in stopping]
        return [f"{each.kind} ended with {ran.code}: {self._wrote(each)}" for each, ran in ended if ran.code]

    def _run(self, line: str) -> Ran:
        command, errors = self._behind / "command", self._behind / "errors"
        command.write_text(self._here(line), encoding="utf-8")
        # Not from the shell's own input: a command that reads would take the next one for an answer.
        self._type(f"{{ . {command}; }} </dev/null 2>{errors}; printf '{END}%s{END}' $?")
        out, code = self._read()
        return Ran(code, self._as_written(out), self._as_written(errors.read_text("utf-8")))

    def _start(self, line: str, kind: str) -> Ran:
        sign, usual = SERVERS[kind]
        here = f"127.0.0.1:{_free_port()}"
        if usual:
            port = re.search(r"--port (\d+)", line)
            self.elsewhere[f"127.0.0.1:{port[1] if port else usual}"] = here
            line += f" --port {here.rpartition(':')[2]}"
        if kind == "emulator":
            line += " --no-rate-limit"  # a reader waits for Pennylane's pace; nothing else changes
        self._started += 1
        files = self._behind / f"{kind}-{self._started}"
        for end in (".out", ".err"):
            files.with_suffix(end).touch()
        started = self._run(f"{line} >{files}.out 2>{files}.err & echo $!")
        health = f"http://{here}/health/ready" if kind == "serve" else ""
        self._serving.append(Serving(kind, int(started.out), files, health))
        return self._ready(self._serving[-1], sign)

    def _ready(self, serving: Serving, sign: str) -> Ran:
        """Wait until a server says that it is there."""
        until = time.monotonic() + PATIENCE
        while sign not in "".join(wrote := self._wrote(serving)) or not _answers(serving.health):
            if time.monotonic() > until or wrote[1].startswith("Error"):
                return Ran(1, *wrote)
            time.sleep(0.01)
        return Ran(0, *self._wrote(serving))

    def _wrote(self, serving: Serving) -> tuple[str, str]:
        out, err = (serving.files.with_suffix(end).read_text("utf-8") for end in (".out", ".err"))
        return self._as_written(out), self._as_written(err)

    def _type(self, line: str) -> None:
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{line}\n".encode())
        self._shell.stdin.flush()

    def _read(self) -> tuple[str, int]:
        """What came on the screen until a command's end, and its exit code."""
        seen = b""
        while seen.count(END.encode()) < 2:
            if not select.select([self._screen], [], [], PATIENCE)[0]:
                raise AssertionError(f"The command does not end: {seen.decode()}")
            seen += self._screen.read(1 << 16)
        out, code, _ = seen.decode().split(END)
        return out.replace("\r\n", "\n"), int(code)

    def _here(self, line: str) -> str:
        for written, real in self.elsewhere.items():
            line = line.replace(written, real)
        return line

    def _as_written(self, out: str) -> str:
        for written, real in self.elsewhere.items():
            out = out.replace(real, written)
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", out)


def _install(environment: Path, programs: Path, warm: Path) -> None:
    """What a page's reader has: `pennybridge`, here and in an environment to activate; make, uv and uvx."""
    python = f'#!/bin/sh\nexec "{sys.executable}" -I -S "{ROOT}/tests/docs'
    for folder in (environment / "bin", programs):
        _program(folder / "pennybridge", f'{python}/warm_call.py" "{warm}" "$@"\n')
    for name in ("make", "uv", "uvx"):
        real = shutil.which(name) or ROOT / ".tools" / "bin" / name
        _program(programs / name, f'{python}/stand_ins.py" "{real}" "$@"\n')
    activate = Path(sys.prefix, "bin", "activate").read_text("utf-8")
    (environment / "bin" / "activate").write_text(activate.replace(sys.prefix, str(environment)), "utf-8")


def _answers(address: str) -> bool:
    try:
        if address:
            urlopen(address).close()  # noqa: S310 - our own hub
    except URLError:  # a status that is no success too
        return False
    return True


def _program(file: Path, script: str) -> None:
    file.write_text(script, encoding="utf-8")
    file.chmod(0o755)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
