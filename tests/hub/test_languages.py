"""Pages speak English and French, and nothing of a page is left without French."""

from collections.abc import Callable
from io import BytesIO

from jinja2.ext import babel_extract

from pennybridge.connections.states import WAY_BACK, WHY
from pennybridge.errors import ConfigurationError
from pennybridge.hub.faults import SORRY
from pennybridge.hub.languages import french
from pennybridge.hub.problems import PLAIN, STALE, TOO_LATE
from pennybridge.hub.view import FOLDER, _environment
from pennybridge.reports.text import Text
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


def test_every_sentence_about_what_went_wrong_has_its_french() -> None:
    ways_back = {f"{{name}} is {state}. {way}" for state, way in WAY_BACK.items() if state != "active"}
    said = {sentence for _, sentence in PLAIN} | {STALE, TOO_LATE, SORRY} | ways_back | set(WHY.values())

    assert said - french().keys() == set()


def test_what_went_wrong_is_said_with_its_names_and_english_is_marked_as_such() -> None:
    """A screen reader would else read English aloud as if it were French."""
    page = _environment("fr").from_string("{{ problem|said }}")
    known = ConfigurationError("There is a user “{name}” already. Nothing was stored.", name="<b>")

    assert page.render(problem=known) == ("L’utilisateur « &lt;b&gt; » existe déjà. Rien n’a été enregistré.")
    assert page.render(problem=Text("No date.", "Pas de date.")) == "Pas de date."
    assert page.render(problem="customers: <odd>") == '<span lang="en">customers: &lt;odd&gt;</span>'
    assert _environment("en").from_string("{{ problem|said }}").render(problem="odd") == "odd"


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
