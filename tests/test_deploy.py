"""The compose file, the image's recipe and the unit, as far as a machine without containers can tell."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from pennybridge.cli.main import pennybridge as cli

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
SETTINGS = set(re.findall(r'"(PENNY\w+)"', (ROOT / "src/pennybridge/settings.py").read_text()))


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
    return loaded


def check_command(words: list[str]) -> None:
    """A command line of ours with options that exist."""
    assert words[0].rsplit("/", 1)[-1] == "pennybridge"
    command = cli.get_command(click.Context(cli), words[1])
    assert command is not None, words
    command.make_parser(click.Context(command)).parse_args(args=words[2:])


def test_the_compose_file_is_what_the_specification_allows() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"],
        cwd=DEPLOY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout


def test_every_service_runs_a_command_that_exists_with_settings_that_exist() -> None:
    ours = [each for each in compose()["services"].values() if each.get("image") == "pennybridge"]

    assert len(ours) == 2
    for service in ours:
        check_command(service["command"])
        assert set(service["environment"]) <= SETTINGS
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_volumes_and_services_that_are_named_are_there() -> None:
    read = compose()
    for service in read["services"].values():
        assert {volume.split(":")[0] for volume in service.get("volumes", ())} <= set(read["volumes"])
        assert set(service.get("depends_on", ())) <= set(read["services"])


def test_the_image_copies_files_that_exist_and_starts_the_hub() -> None:
    recipe = (DEPLOY / "Dockerfile").read_text()

    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", recipe, re.MULTILINE):
        assert all((ROOT / name).exists() for name in copied.split())
    started = re.search(r'^CMD \["(.+)"\]$', recipe, re.MULTILINE)
    assert started
    check_command(started[1].split('", "'))
    assert set(re.findall(r"(PENNY\w+)=", recipe)) <= SETTINGS


def test_the_image_s_requirements_come_from_the_lock_file(tmp_path: Path) -> None:
    exported = re.search(
        r"^RUN (uv export .+?) --output-file", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE
    )
    assert exported
    uv = shutil.which("uv") or str(ROOT / ".tools/bin/uv")
    target = tmp_path / "requirements.txt"
    subprocess.run(
        [uv, *shlex.split(exported[1])[1:], "--output-file", str(target)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )

    assert "duckdb==" in target.read_text()
    assert "--hash=" in target.read_text()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_command_that_exists_with_settings_that_exist(unit: Path) -> None:
    read = configparser.RawConfigParser(strict=False)
    read.read(unit)

    check_command(shlex.split(read["Service"]["ExecStart"]))
    assert read["Service"]["Environment"].split("=")[0] in SETTINGS


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not on this machine")
@pytest.mark.parametrize("original", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_a_unit(original: Path, tmp_path: Path) -> None:
    unit = tmp_path / original.name
    unit.write_text(original.read_text().replace("/opt/pennybridge/bin/pennybridge", sys.executable))

    said = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )

    assert original.name not in said.stderr, said.stderr
