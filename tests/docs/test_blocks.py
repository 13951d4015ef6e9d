"""No block stands on a page that nothing runs, compares or holds against the real thing."""

import re

import pytest
from dlt.common.configuration.resolve import resolve_configuration
from dlt.common.configuration.specs import GcpServiceAccountCredentials

from tests.api.test_documented import PAGE as CLIENT_PAGE
from tests.docs.pages import DOCS, PAGES, ROOT, Block, blocks, commands, read
from tests.docs.shown import says_something
from tests.emulator.test_process import PAGE as EMULATOR_PAGE
from tests.invoicing.test_documented import PAGE as INVOICING_PAGE

PICTURE = "docs/explanation/architecture.md"
GENERATED = "docs/reference/commands.md"
DIRECTIVES = {"{toctree}"}
"""What the site is made with; `make site` builds it strictly."""


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_of_a_language_that_the_tests_know(page: str) -> None:
    unknown = [
        (block.line, block.language)
        for block in blocks(page)
        if block.language not in {"sh", "text", "python", "ini", *DIRECTIVES}
    ]

    assert unknown == []


@pytest.mark.parametrize("page", [page for page in PAGES if page not in {PICTURE, GENERATED}])
def test_shown_output_follows_the_commands_that_print_it_and_says_something(page: str) -> None:
    every = blocks(page)
    for before, block in zip([Block("", "", 0), *every], every, strict=False):
        if block.language == "text":
            assert before.language == "sh", f"{page}:{block.line}"
            assert says_something(block.text), f"{page}:{block.line}"


def test_the_reference_of_commands_shows_nothing_but_their_help() -> None:
    """`test_the_reference_is_made_from_the_code` compares it."""
    assert {block.language for block in blocks(GENERATED)} == {"text"}
    assert all(block.text.startswith("Usage: pennybridge") for block in blocks(GENERATED))


def test_every_page_with_python_has_a_test_that_runs_its_blocks() -> None:
    """In tests/api, tests/emulator and tests/invoicing, with what each example needs around it."""
    tested = {str(page.relative_to(ROOT)) for page in (CLIENT_PAGE, EMULATOR_PAGE, INVOICING_PAGE)}

    assert {page for page in PAGES if any(block.language == "python" for block in blocks(page))} == tested


@pytest.mark.parametrize("page", [page for page in PAGES if any(b.language == "ini" for b in blocks(page))])
def test_a_unit_on_a_page_is_the_one_in_deploy(page: str) -> None:
    units = {unit.read_text("utf-8") for unit in (ROOT / "deploy").glob("*.service")}

    for block in blocks(page):
        assert block.language != "ini" or block.text in units, f"{page}:{block.line}"


def test_the_picture_of_the_architecture_shows_packages_that_exist_and_the_page_names_all() -> None:
    packages = {init.parent.name for init in (ROOT / "src/pennybridge").glob("*/__init__.py")}
    (picture,) = [block.text for block in blocks(PICTURE)]

    drawn = set(re.findall(r"(?<![\w/])([a-z]+)/ ", picture))
    assert len(drawn) > 6
    assert drawn <= packages
    assert {name for name in packages if f"{name}/" not in read(PICTURE)} == set()


def test_tables_of_contents_name_pages() -> None:
    patterns = [block.text.splitlines()[-1] for block in blocks("docs/index.md")]

    assert patterns
    assert all(list(DOCS.glob(f"{pattern}.md")) for pattern in patterns)


def test_the_settings_for_bigquery_are_all_that_dlt_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page can be tried to the end with an account only; until then dlt itself says what is missing."""
    lines = [line for block in blocks("docs/how-to/publish.md") for line in commands(block.text)]
    settings = dict(re.findall(r"^export (DESTINATION__\w+)=(.+)$", "\n".join(lines), re.MULTILINE))
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    found = resolve_configuration(GcpServiceAccountCredentials(), sections=("destination", "bigquery"))

    assert len(settings) == 3
    assert not found.is_partial()
