"""Pages speak English and French, and nothing of a page is left without French."""

from collections.abc import Callable
from io import BytesIO

from jinja2.ext import babel_extract

from pennybridge.hub.languages import french
from pennybridge.hub.view import FOLDER
from tests.hub.conftest import Browser


def texts_of_templates() -> set[str]:
    """Every text that a template hands over for translation."""
    found: set[str] = set()
    for file in sorted(FOLDER.rglob("*.html")):
        source = BytesIO(file.read_bytes())
        for _, _, messages, _ in babel_extract(source, ["_", "gettext", "ngettext"], [], {"trimmed": "true"}):
            found |= {each for each in ([messages] if isinstance(messages, str) else messages or ()) if each}
    return found


def test_every_text_of_a_page_has_its_french() -> None:
    assert texts_of_templates() - french().keys() == set()


def test_french_keeps_the_placeholders() -> None:
    for english, text in french().items():
        for name in ("%(", "{"):
            assert english.count(name) == text.count(name), english


def test_the_browser_s_language_is_spoken_until_another_is_chosen(browser: Callable[[], Browser]) -> None:
    person = browser()
    person.headers["accept-language"] = "fr-FR,fr;q=0.9,en;q=0.8"
    assert "Se connecter" in person.get("/sign-in").text

    page = person.submit("/sign-in", "/language", language="en", to="/sign-in")

    assert "Sign in" in page
    assert '<html lang="en">' in page
    assert "Sign in" in person.get("/sign-in").text


def test_an_address_that_leads_nowhere_is_said_in_the_reader_s_language(admin: Browser) -> None:
    admin.headers["accept-language"] = "fr"

    answer = admin.get("/nowhere")

    assert answer.status_code == 404
    assert "Cette page n’existe pas." in answer.text
