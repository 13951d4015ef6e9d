"""Pages in English and French: templates are written in English, French stands in `translations/fr/*.toml`.

Each of those files is one flat table, the English text as the key. A text without French shows in English; a
test finds those.
"""

import tomllib
from functools import cache
from pathlib import Path

from fastapi import Request

from pennybridge.reports.text import Language

COOKIE = "pennybridge_language"
_FOLDER = Path(__file__).parent / "translations"


@cache
def french() -> dict[str, str]:
    """Every French text by its English one."""
    texts: dict[str, str] = {}
    for file in sorted((_FOLDER / "fr").glob("*.toml")):
        texts |= tomllib.loads(file.read_text(encoding="utf-8"))
    return texts


def translate(text: str, language: Language) -> str:
    """A text of a page in a language."""
    return french().get(text, text) if language == "fr" else text


def language_of(request: Request) -> Language:
    """What the reader chose, else the first of ours that their browser prefers.

    Source:
        RFC 9110 section 12.5.4; of the weights only order is heeded, as browsers send them sorted.
    """
    chosen = request.cookies.get(COOKIE)
    if chosen in {"en", "fr"}:
        return "fr" if chosen == "fr" else "en"
    for part in request.headers.get("accept-language", "").casefold().split(","):
        wanted = part.strip()[:2]
        if wanted in {"en", "fr"}:
            return "fr" if wanted == "fr" else "en"
    return "en"
