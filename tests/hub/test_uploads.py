"""Files that come in stay in their folder, bounded, and are never more than data."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from pennybridge.hub.outgoing import uploads
from tests.hub.conftest import Browser
from tests.hub.test_outgoing import GOOD, HOME, hand_over, settled

CII = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"


def test_files_stay_in_their_folder_whatever_they_are_called(
    connected: FastAPI, admin: Browser, tmp_path: Path
) -> None:
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    names = [
        "../../../evil.csv", "..\\..\\evil.csv", "/etc/evil.csv", "é" * 300 + ".csv", "é" * 300 + ".csv",
        '<img src=x onerror="alert(1)">.csv', ".csv", "a\r\nset-cookie: x=1.csv", "%2e%2e%2fevil.csv",
        "=1+1.csv",
    ]  # fmt: skip
    address = hand_over(admin, *[(name, GOOD.encode()) for name in names])
    page = settled(connected, admin, address)

    folder = tmp_path / "outgoing" / address.rsplit("/", 1)[-1]
    kept = {path for path in tmp_path.rglob("*.csv") if path.is_file()} - before
    assert len(kept) == len(names)
    assert {path.parent for path in kept} == {folder}
    assert {path.stat().st_mode & 0o777 for path in (folder, folder.parent)} == {0o700}
    assert "<img src=x" not in page + admin.get(HOME).text + admin.get("/people").text
    for place in range(1, len(names) + 1):
        answer = admin.get(f"{address}/files/{place}")
        assert answer.headers["content-disposition"].startswith("attachment; filename")
        assert "set-cookie" not in answer.headers
    assert admin.get(f"{address}/files/0").status_code == admin.get(f"{address}/files/99").status_code == 404


def test_too_many_files_too_large_ones_and_other_kinds_are_refused_and_not_kept(
    connected: FastAPI, admin: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connected.state.connections.known()
    csrf = re.search(r'name="csrf" value="(\w+)"', admin.get(HOME).text)
    assert csrf
    monkeypatch.setattr(uploads, "LARGEST_FILE", 1_000)

    def refusal(*names: str, size: int = 10) -> tuple[int, str]:
        files = [("files", (name, b"x" * size, "text/csv")) for name in names]
        answer = admin.post(HOME, data={"csrf": csrf[1]}, files=files)
        return answer.status_code, answer.text

    assert refusal("page.html")[0] == refusal("run.exe")[0] == 422
    assert refusal("large.csv", size=2_000)[0] == 422
    assert "At most 500 files" in refusal(*["a.csv"] * 501)[1]
    assert refusal(*["a.csv"] * 1_100)[0] in {400, 422}
    assert list((tmp_path / "outgoing").glob("*/*")) == []


def test_xml_reads_no_other_file_and_grows_no_further(
    connected: FastAPI, admin: Browser, tmp_path: Path
) -> None:
    """Entities of files (XXE) and entities of entities, ten to the power of nine."""
    secret = tmp_path / "secret.txt"
    secret.write_text("canary-of-the-disk")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    outside = f'<!DOCTYPE r [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    within = f'<!DOCTYPE r [<!ENTITY l0 "lol">{laughs}]>'
    body = '<r:CrossIndustryInvoice xmlns:r="{}"><r:Note>{}</r:Note></r:CrossIndustryInvoice>'
    address = hand_over(
        admin,
        ("outside.xml", (outside + body.format(CII, "&e;")).encode()),
        ("within.xml", (within + body.format(CII, "&l9;")).encode()),
    )
    page = settled(connected, admin, address)

    assert "canary" not in page
    assert "Stopped on a fault" not in page
    assert connected.state.sending.batches.find("1", address.rsplit("/", 1)[-1]).stage == "checked"
    assert len(page) < 100_000
