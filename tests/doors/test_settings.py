"""`twilio-mockserver config`: what a server started here would run with, and why."""

import json
from pathlib import Path

import pytest

from mockserver.cli import main
from mockserver.config import ROWS

SID = "AC" + "5" * 32


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory and no settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for row in ROWS.values():
        monkeypatch.delenv(row.variable, raising=False)


def test_a_program_may_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As JSON: numbers, switches and lists in its own types, and each with its origin."""
    lines = 'quiet = true\nwebhook-map = ["https://a.test=http://b:1", "c=d"]\n'
    (tmp_path / "mockserver.toml").write_text(lines, encoding="utf-8")
    monkeypatch.setenv("MOCKSERVER_CALLBACK_GRACE", "0.005")
    assert main(["config", "--json", "--seed", "7", "--account", f"{SID}:hush"]) == 0
    told = capsys.readouterr().out
    found = json.loads(told)
    assert list(found) == list(ROWS)
    assert found["quiet"] == {"value": True, "origin": "mockserver.toml: quiet"}
    assert found["webhook-map"]["value"] == ["https://a.test=http://b:1", "c=d"]
    assert found["seed"] == {"value": 7, "origin": "--seed"}
    assert found["callback-grace"] == {"value": "5ms", "origin": "MOCKSERVER_CALLBACK_GRACE"}
    assert found["trial-unverified-code"] == {"value": None, "origin": "default"}
    assert found["account"]["value"] == [f"{SID}:***:Full"]
    assert found["allow-host"]["value"] == []
    assert "hush" not in told


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_no_form_shows_a_secret(form: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Tokens of accounts and of the target, and passwords in addresses."""
    words = ["--inbound-url", "http://me:hush@app.test/sms", "--auth-token", "hush"]
    words += ["--proxy-upstream", "http://me:hush@proxy.test:3128", "--account", f"{SID}:hush"]
    assert main(["config", *form, *words]) == 0
    told = capsys.readouterr().out
    assert "hush" not in told
    assert "http://***@proxy.test:3128" in told


def test_what_is_typed_as_it_is_shown_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """A list's items are joined by commas, and a pair by its sign."""
    shown = "https://a.test=http://localhost:1, b=c"
    assert main(["config", "--webhook-map", shown]) == 0
    [line] = [x for x in capsys.readouterr().out.splitlines() if x.startswith("webhook-map ")]
    assert line.split(maxsplit=1)[1].strip().startswith(f"{shown} ")


def test_a_wrong_file_is_told_and_nothing_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2, as with every wrong use."""
    (tmp_path / "mockserver.toml").write_text("prot = 1", encoding="utf-8")
    assert main(["config"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "mockserver.toml: prot: there is no such setting; did you mean port?" in told.err
