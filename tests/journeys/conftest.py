"""A hub as a process of its own over an emulated Pennylane, and Debian's Chromium to look at it.

Every page that a test looks at is held against axe-core; a console error, or a request to another machine,
fails the test. With `PENNYBRIDGE_SCREENSHOTS=folder` each page is also saved at two widths.
"""

import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from pennybridge.emulator.server import Emulator

PASSWORD = "correct horse battery"
START_SECONDS = 60.0
WIDTHS = {"wide": (1280, 900), "phone": (390, 844)}
expect.set_options(timeout=20_000)
SERIOUS = {"serious", "critical"}


@dataclass
class Hub:
    """A running `pennybridge serve`."""

    process: subprocess.Popen[str]
    url: str
    set_up_url: str
    environment: dict[str, str]
    home: Path
    said: list[str] = field(default_factory=list)

    def run(self, *arguments: str, given: str = "") -> str:
        """Another command on the same home; for what does not need the database file."""
        return run(self.environment, *arguments, given=given)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pennybridge", *arguments]


def run(environment: dict[str, str], *arguments: str, given: str = "") -> str:
    """What a command printed; it must succeed."""
    done = subprocess.run(
        command(*arguments), env=environment, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def environment(tmp_path: Path, emulator: Emulator) -> dict[str, str]:
    """The variables of a home of its own, over the emulator."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PENNY")},
        "PENNYBRIDGE_HOME": str(tmp_path / "home"),
        "PENNYLANE_BASE_URL": emulator.base_url,
        "PENNYLANE_CLIENT_ID": "pennybridge",
        "PENNYLANE_CLIENT_SECRET": "emulator-secret",
    }


@pytest.fixture
def serve(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[[], Hub]]:
    """Starts the hub; it must end within seconds of Ctrl-C, without a traceback."""
    started: list[Hub] = []

    def start() -> Hub:
        process = subprocess.Popen(
            command("serve", "--port", str(_free_port())), env=environment, text=True, bufsize=1,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        lines = _lines_of(process)
        hub = Hub(process, "", "", environment, tmp_path / "home")
        started.append(hub)
        while not hub.set_up_url:
            line = lines.get(timeout=START_SECONDS)
            hub.said.append(line)
            if found := re.search(r"is at (http://\S+)", line):
                hub.url = found[1]
            if found := re.search(r"(http://\S+/set-up/\S+)", line):
                hub.set_up_url = found[1]
        _wait_for(hub.url)
        return hub

    yield start
    for hub in started:
        hub.process.send_signal(signal.SIGINT)
        hub.process.wait(timeout=30)
        assert hub.process.returncode in {0, 130}, hub.said


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(url: str) -> None:
    """Return once the hub answers; its address is said a moment before."""
    until = monotonic() + START_SECONDS
    while True:
        try:
            with urlopen(f"{url}/health/live", timeout=5):  # noqa: S310 - our own process
                return
        except URLError:
            assert monotonic() < until, "the hub does not answer"
            sleep(0.05)


def _lines_of(process: subprocess.Popen[str]) -> "queue.Queue[str]":
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        assert process.stdout
        with process.stdout:
            for line in process.stdout:
                lines.put(line)

    threading.Thread(target=read, daemon=True).start()
    return lines


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a screen; for one test: DBOS refuses to work beside Playwright's loop."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("There is no Chromium: `make test` installs it as root, or install Debian's 'chromium'.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody at a browser."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def look(self, name: str) -> None:
        """Hold the page against axe-core, see that its pictures are there, save it where screenshots go."""
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        serious = [
            f"{one['id']}: {node['html'][:200]}"
            for one in found
            if one["impact"] in SERIOUS
            for node in one["nodes"]
        ]
        assert not serious, f"{name}: {serious}"
        self._wait_for_pictures(name)
        if folder := os.environ.get("PENNYBRIDGE_SCREENSHOTS"):
            before = self.page.viewport_size
            for width, (across, down) in WIDTHS.items():
                self.page.set_viewport_size({"width": across, "height": down})
                self._wait_for_pictures(name)
                self.page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
            if before:
                self.page.set_viewport_size(before)

    def _wait_for_pictures(self, name: str) -> None:
        """A chart is drawn when it is asked for, which takes a moment; one that fails has no size."""
        self.page.wait_for_function("() => Array.from(document.images).every((image) => image.complete)")
        missing = self.page.evaluate(
            "() => Array.from(document.images).filter((i) => !i.naturalWidth).map((i) => i.currentSrc)"
        )
        assert not missing, f"{name}: {missing}"

    def set_up(self, hub: Hub) -> None:
        """Become the first administrator."""
        self.page.goto(hub.set_up_url)
        self.page.get_by_label("Name").fill("Ada")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Set up").click()
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Visitor]:
    """A new browser profile that speaks English."""
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    person = Visitor(page)

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            person.faults.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        host = urlsplit(request.url).netloc
        if urlsplit(request.url).scheme in {"http", "https"} and not host.startswith("127.0.0.1"):
            person.faults.append(f"request to {request.url}")

    page.on("console", heard)
    page.on("pageerror", lambda error: person.faults.append(f"script: {error}"))
    page.on("request", asked)
    yield person
    context.close()
    assert person.faults == []
