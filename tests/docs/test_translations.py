"""The French pages are the English ones: same commands, same figures, same steps."""

import re

import pytest

from tests.docs.pages import PAGES, blocks, read

TRANSLATED = {
    "README.fr.md": "README.md",
    "docs/fr/chiffres-du-mois.md": "docs/tutorials/month-end-figures.md",
    "docs/fr/envoyer-des-factures.md": "docs/tutorials/push-invoices.md",
    "docs/fr/premiere-synchronisation.md": "docs/tutorials/first-sync.md",
    "docs/fr/qui-doit-quoi.md": "docs/tutorials/who-owes-what.md",
}
WORDS = {
    "tutoriel-finance": "tutorial-finance",
    "tutoriel-factures": "tutorial-invoices",
    "tutoriel-creances": "tutorial-receivables",
    "tutoriel": "tutorial",
    "mouvements.png": "movements.png",
    "lignes.csv": "lines.csv",
    "commandes.json": "orders.json",
    "releve.pdf": "statement.pdf",
    '"imprimé une fois"': '"printed once"',
}
"""Names and notes that a reader chooses, which the pages translate."""


def commands_of(page: str) -> list[str]:
    """A page's commands, in English and without the language that a reader asks for."""
    text = "\n\n".join(block.text for block in blocks(page) if block.language == "sh")
    for french, english in {**WORDS, " --language fr": ""}.items():
        text = text.replace(french, english)
    return text.split("\n\n")


@pytest.mark.parametrize("french", TRANSLATED)
def test_a_translation_has_the_commands_of_its_original(french: str) -> None:
    assert commands_of(french) == commands_of(TRANSLATED[french])


@pytest.mark.parametrize("french", TRANSLATED)
def test_a_translation_has_the_headings_outputs_and_links_of_its_original(french: str) -> None:
    for pattern in (r"^#+ (?:\d\.)?", r"^```\w*", r"\]\([^)]*?([\w-]+\.(?:md|png))\)"):
        theirs = re.findall(pattern, read(french), re.MULTILINE)
        originals = re.findall(pattern, read(TRANSLATED[french]), re.MULTILINE)
        assert len(theirs) == len(originals), (pattern, theirs, originals)


def test_every_french_page_names_its_original() -> None:
    french = {page for page in PAGES if page.startswith("docs/fr/") or page.endswith(".fr.md")}

    assert french == set(TRANSLATED)


def test_every_tutorial_is_translated() -> None:
    tutorials = {page for page in PAGES if page.startswith("docs/tutorials/")}

    assert tutorials <= set(TRANSLATED.values())
