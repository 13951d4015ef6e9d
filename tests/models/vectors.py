"""The published vectors: worked examples of public sources, kept beside the checkout."""

import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[3] / "shared"
VECTORS = SHARED / "metrics" / "vectors.json"
NEEDED = [
    pytest.mark.shared,
    pytest.mark.skipif(not VECTORS.exists(), reason="the published vectors are not beside the checkout"),
]
Vector = dict[str, Any]


def vector(name: str) -> tuple[Vector, Vector]:
    """A vector's input and what it expects."""
    found = next(entry for entry in json.loads(VECTORS.read_text()) if entry["id"] == name)
    return found["input"], found["expected"]
