"""`python stand_ins.py PROGRAM ARGUMENTS…`: what stands for make, uv and uvx in a page's terminal.

It runs what these tests can, and checks what they cannot: `make test` is the session they belong to, and an
installation needs a package index. `.ci/run` does both for real (`make wheel` installs the wheel); here the
Makefile, `pyproject.toml` and the lock file say whether what a page tells would do what it says.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMES_TO = {"demo": "pennybridge demo", "test": "pytest -n auto"}
"""The targets that pages name, and what they run; tests/cli runs the first."""


def make(program: str, target: str) -> str:
    """What is wrong with `make TARGET`, as make tells what it would do."""
    told = subprocess.run([program, "-n", "-C", ROOT, target], capture_output=True, text=True, check=False)
    if told.returncode:
        return told.stderr
    return "" if target in COMES_TO and COMES_TO[target] in told.stdout else f"it does {told.stdout}"


def uv(program: str, *arguments: str) -> str:
    """`uv export` as it is, in the repository; of `uv tool install`, what is wrong with what it installs."""
    if arguments[0] == "export":
        exported = subprocess.run([program, *arguments], cwd=ROOT, check=False)
        return f"it ended with {exported.returncode}" if exported.returncode else ""
    wanted = re.fullmatch(r"tool install ([\w-]+)(?:\[([\w,-]+)\])?", " ".join(arguments))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = set(wanted[2].split(",")) if wanted and wanted[2] else set()
    is_ours = wanted and wanted[1] == project["name"] and extras <= set(project["optional-dependencies"])
    return "" if is_ours else "it is not this project with extras that exist"


def uvx(_: str, *arguments: str) -> str:
    """`uvx pip-audit`, which asks the network: what is wrong with the file that it would read."""
    if arguments[0] != "pip-audit" or {"-r", "--no-deps", "--disable-pip"} - {*arguments}:
        return "only an audit that resolves nothing is known here"
    lines = Path(arguments[arguments.index("-r") + 1]).read_text().splitlines()
    named = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    open_ended = [line for line in named if not re.match(r"[\w.\[\],-]+==[\w.+!]+", line)]
    return f"not pinned: {open_ended}" if open_ended or not named else ""


if __name__ == "__main__":
    name = Path(sys.argv[1]).name
    known: dict[str, Callable[..., str]] = {"make": make, "uv": uv, "uvx": uvx}
    problem = known[name](*sys.argv[1:])
    if problem:
        sys.exit(f"{name} {' '.join(sys.argv[2:])}: {problem}")
