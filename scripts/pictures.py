"""The pictures of the README, made by the program: `make pictures` runs the demo and photographs the hub."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
PORT = 8079
PASSWORD = "correct horse battery"  # noqa: S105 - of an installation that lives for a minute
SHOTS = {
    "figures": ("en", "/numbers", "light"),
    "customers": ("en", "/customers?only=overdue", "light"),
    "chiffres": ("fr", "/numbers/movements", "light"),
}
"""File, language, page of the company, and colours."""


def main() -> None:
    """Run the demo with the hub on it, and photograph each page."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "PENNYBRIDGE_HOME": home}
        demo = subprocess.Popen(
            [sys.executable, "-m", "pennybridge", "demo", "--serve", "--port", str(PORT)],
            env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            photograph(set_up_link(demo))
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(30)


def set_up_link(demo: subprocess.Popen[str]) -> str:
    """The link that the demo prints once the hub is there."""
    for line in demo.stdout or ():
        if found := re.search(r"http://\S+/set-up/\S+", line):
            return found[0]
    sys.exit("The demo ended before the hub was there.")


def photograph(link: str) -> None:
    """Sign in and take every picture."""
    PICTURES.mkdir(exist_ok=True)
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1180, "height": 900})
        page.goto(link)
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Set up").click()
        for name, (language, address, colours) in SHOTS.items():
            take(page, name, language, address, colours)
        browser.close()


def take(page: Page, name: str, language: str, address: str, colours: str) -> None:
    """One picture, once its charts are there."""
    page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
    host = re.match(r"http://[^/]+", page.url)
    assert host  # noqa: S101 - a page that was opened has a host
    page.context.add_cookies([{"name": "pennybridge_language", "value": language, "url": host[0]}])
    page.goto(f"{host[0]}/connections/1{address}")
    page.wait_for_selector("table, .tiles", timeout=60_000)
    for _ in range(60):
        page.wait_for_load_state("networkidle")
        if not page.locator(".notice").count():
            break
        page.wait_for_timeout(1_000)  # the hub's first build after its first sync is under way
        page.reload()
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
