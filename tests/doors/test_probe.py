"""`twilio-mockserver probe`, and `MockTwilio.probe`."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import parse

import jsonschema
import pytest
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

from mockserver import AsyncMockTwilio, MockTwilio
from mockserver.cli import main
from mockserver.config import ROWS
from mockserver.domain.accounts import DEFAULT_TOKEN
from mockserver.edge.probe.exchange import BOTH
from mockserver.edge.probe.table import PROBES
from mockserver.handle import ProbeReport
from mockserver.handles.probing import ProbeFinding
from mockserver.world.scenarios.checking import schema

PATIENCE = 30


class Application:
    """A Flask application in a thread; `careless` answers everybody."""

    def __init__(self) -> None:
        self.url, self.token, self.careless = "", DEFAULT_TOKEN, False
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def answer(self) -> Any:
        self.reached.set()
        assert self.go_on.wait(PATIENCE)
        given = request.headers.get("X-Twilio-Signature", "")
        validator = RequestValidator(self.token)
        if not self.careless and not validator.validate(request.url, request.form, given):
            return "", 403
        return Response("<Response/>", content_type="text/xml")


@pytest.fixture
def app(served: Callable[[Flask], str]) -> Iterator[Application]:
    app, flask = Application(), Flask("app")
    flask.post("/sms")(app.answer)
    app.url = f"{served(flask)}/sms"
    yield app
    app.go_on.set()


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory and no settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for row in ROWS.values():
        monkeypatch.delenv(row.variable, raising=False)


# -- the command --


def test_a_correct_application_is_told_so(
    app: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 0, and a row for each probe, without colours where nobody looks."""
    assert main(["probe", app.url]) == 0
    told = capsys.readouterr()
    head, *rows = told.out.splitlines()
    assert re.fullmatch(rf"{app.url}: [0-9]+ to note, [0-9]+ passed", head)
    assert all(any(probe.id in row for row in rows) for probe in PROBES)
    assert "\x1b" not in told.out
    assert told.err == ""


def test_a_defect_is_told_with_its_fix(
    app: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 1; what is worst stands first, and below the table is what to do."""
    app.careless = True
    assert main(["probe", app.url, "--kind", "inbound"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("! Signatures are not checked (inbound)")
    [row] = [line for line in lines if line.startswith("FAILED") and "tampered-body" in line]
    assert row.endswith("accepted: answered 200")
    after = lines[lines.index("tampered-body: A changed parameter is refused") :]
    assert after[4].startswith("  fix       Check every request with your library's")


def test_a_terminal_gets_colours(
    app: Application, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Around the words that say how a probe ended."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    main(["probe", app.url, "--kind", "status"])
    out = capsys.readouterr().out
    assert "\x1b[32mok      \x1b[0m" in out
    assert "\x1b[33mnote    \x1b[0m" in out


def test_the_report_as_json(app: Application, capsys: pytest.CaptureFixture[str]) -> None:
    """It is the control API's document, and nothing else is printed."""
    app.careless = True
    assert main(["probe", app.url, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, schema("control/ProbeReport"))
    assert {each["id"] for each in document["findings"]} == {probe.id for probe in PROBES}


def test_nobody_has_to_read_it_all(app: Application, tmp_path: Path) -> None:
    """As in `| head`: no traceback, and the file is written all the same."""
    words = ["probe", app.url, "--kind", "status", "--junit", str(tmp_path / "found.xml")]
    with subprocess.Popen(
        [sys.executable, "-m", "mockserver", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE) == 141
    assert parse(tmp_path / "found.xml").getroot().tag == "testsuites"


def test_a_console_that_knows_only_ascii(app: Application) -> None:
    """What it cannot show is a question mark."""
    app.careless = True
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "probe", app.url, "--kind", "inbound"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "holds `?` and `?`" in done.stdout


def test_the_report_as_junit(
    app: Application, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A suite for each kind, a case for each probe, and the fix in a failure's text."""
    app.careless = True
    assert main(["probe", app.url, "--junit", "found.xml"]) == 1
    assert "FAILED" in capsys.readouterr().out
    root = parse(tmp_path / "found.xml").getroot()
    suites = {str(suite.get("name")).split()[0]: suite for suite in root}
    assert suites.keys() == set(BOTH)
    for kind in BOTH:
        cases = [case.get("name") for case in suites[kind]]
        assert cases == [probe.id for probe in PROBES if kind in probe.kinds]
        assert suites[kind].get("failures") == str(len(suites[kind].findall("*/failure")))
    failure = suites["status"].find("testcase[@name='wrong-token']/failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("insecure", "accepted: answered 200")
    assert "fix: Check every request" in str(failure.text)


def test_the_token_is_told_the_application_s(app: Application) -> None:
    """By flag; without one it is the default account's."""
    app.token = "d" * 32
    assert main(["probe", app.url, "--kind", "status"]) == 1
    assert main(["probe", app.url, "--kind", "status", "--auth-token", "d" * 32]) == 0


def test_the_public_address_may_lead_here(app: Application) -> None:
    """`--webhook-map`: what is signed, and what the application sees, is the public address."""
    here = app.url.removesuffix("/sms")
    words = ["--kind", "status", "--webhook-map", f"http://app.example.com={here}"]
    assert main(["probe", "http://app.example.com/sms", *words]) == 0


def test_nobody_there(capsys: pytest.CaptureFixture[str]) -> None:
    """One finding, and exit status 1."""
    assert main(["probe", "http://127.0.0.1:9/"]) == 1
    out = capsys.readouterr().out
    assert "http://127.0.0.1:9/: 1 failed" in out
    assert "the connection was refused; is the application running" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "the following arguments are required: URL"),
        (["localhost:3000"], "begins with http:// or https://"),
        (["http://h/", "--kind", "voice"], "invalid choice: 'voice'"),
        (["http://h/", "--timeout", "soon"], "take a number of seconds up to 60"),
        (["http://h/", "--timeout", "0"], "take a number of seconds up to 60"),
        (["http://h/", "--juint", "x"], "did you mean --junit?"),
        (["http://h/", "more"], "one word too many"),
    ],
)
def test_wrong_use_ends_with_2(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And a sentence; nothing is sent."""
    assert main(["probe", *words]) == 2
    assert told in capsys.readouterr().err


def test_a_report_that_cannot_be_written(
    app: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 1; the table is printed all the same."""
    assert main(["probe", app.url, "--kind", "status", "--junit", "no/such/folder.xml"]) == 1
    told = capsys.readouterr()
    assert "cannot write no/such/folder.xml" in told.err
    assert "valid-signature" in told.out


def test_ctrl_c_tells_what_was_found_so_far(app: Application) -> None:
    """The report is broken off, the exit status 130."""
    app.go_on.clear()
    command = [sys.executable, "-m", "mockserver", "probe", app.url]
    root = str(Path(__file__).parents[2])
    environ = {**os.environ, "PYTHONPATH": root, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
    ) as process:
        assert app.reached.wait(PATIENCE)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, "")
    assert out.startswith(f"{app.url}: broken off")


# -- the handle --


def test_a_test_may_probe(app: Application) -> None:
    """As the sandbox's account; the report is typed and can be asserted."""
    with MockTwilio() as twilio:
        app.token = twilio.auth_token
        report = twilio.probe(app.url)
        assert report.ok
        report.assert_ok()
        assert report.failed == []
        assert {finding.id for finding in report.findings} == {probe.id for probe in PROBES}
        careless = twilio.probe(app.url, "status", auth_token="0" * 32)
        assert [finding.id for finding in careless.failed] == ["valid-signature"]
        with pytest.raises(AssertionError, match=r"FAILED +status +valid-signature +answered 403"):
            careless.assert_ok()


async def test_the_twin_probes_too(app: Application) -> None:
    """As a coroutine."""
    async with AsyncMockTwilio() as twilio:
        app.token = twilio.auth_token
        report = await twilio.probe(app.url, kind="inbound", timeout=5)
        assert report.ok
        assert report.kinds == ["inbound"]
        assert str(report.notes[0]) == "note inbound raw-query: answered 403"


@pytest.fixture
def found(app: Application) -> ProbeReport:
    """The report about a careless application."""
    from mockserver.edge.probing import Prober

    app.careless = True
    asked = {"url": app.url, "auth_token": DEFAULT_TOKEN, "account_sid": f"AC{'0' * 32}"}
    return ProbeReport.of(asyncio.run(Prober().probe(asked)))


def test_kinds_that_end_alike_share_a_row(found: ProbeReport) -> None:
    """One says `both`; where they end differently there are two."""
    rows = [line.split()[:3] for line in str(found).splitlines()]
    assert ["FAILED", "both", "wrong-token"] in rows
    assert ["ok", "inbound", "stop-reply"] in rows
    assert str(found.failed[0]) == "FAILED status missing-signature: accepted: answered 200"


@pytest.mark.parametrize(("number", "rows"), [(3, 3), (4, 1)])
def test_what_was_skipped_for_one_reason_is_counted(number: int, rows: int) -> None:
    """More than a few times, and below all that was tried."""
    skipped = [
        ProbeFinding(f"probe-{each}", "inbound", outcome="skipped", said="not tried")
        for each in range(number)
    ]
    tried = ProbeFinding("reachable", "inbound", outcome="passed", said="connected")
    _, _, first, *last = str(ProbeReport("http://app.test", findings=[*skipped, tried])).split("\n")
    assert first.split() == ["ok", "inbound", "reachable", "connected"]
    assert len(last) == rows
    named = f"{number} probes" if rows == 1 else "probe-0"
    assert last[0].split(maxsplit=2)[2].startswith(named)
    assert last[0].endswith("not tried")


def test_junit_holds_only_what_xml_may(found: ProbeReport) -> None:
    """Control characters out of an answer are replaced."""
    from dataclasses import replace
    from xml.etree.ElementTree import fromstring

    from mockserver.cli.junit import junit

    odd = replace(found.failed[0], said="a\x00b\x1b<&>\ud800")
    root = fromstring(junit(replace(found, findings=[odd])))
    failure = root.find("*/testcase/failure")
    assert failure is not None
    assert failure.get("message") == "a\ufffdb\ufffd<&>\ufffd"
