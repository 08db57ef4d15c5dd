"""What the command says and how it ends."""

import json
import re
import shlex
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

import mockserver
from mockserver.cli import main
from mockserver.config import ROWS, Settings, rows
from mockserver.domain.accounts import DEFAULT_SID
from mockserver.environment import BUNDLES

PACKAGES = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory and no settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for row in ROWS.values():
        monkeypatch.delenv(row.variable, raising=False)


@pytest.fixture(scope="module")
def base_url(
    running: Callable[[Path, Path], AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """A running server."""
    with running(PACKAGES, tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture
def stranger() -> Iterator[str]:
    """A server that is neither Twilio nor ours."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "6")
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_: object) -> None:
            """Silence."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a wrong use is told; nothing is printed, and the status is 2."""
    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("twilio-mockserver: ")
    return told.err


# -- help and slips of the pen ---------------------------------------------------------------------


def test_help_lists_commands_and_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """One page names every command, every flag of the server, its variable and its default."""
    assert main(["--help"]) == 0
    page = " ".join(capsys.readouterr().out.split())
    for command in ("serve", "send", "receive", "scenarios", "config", "env", "version"):
        assert f" {command} " in page
    for row in rows(Settings):
        assert f"--{row.flag}" in page
        assert row.variable in page
    assert "(default: 2010; MOCKSERVER_PORT)" in page
    assert "(default: 20ms; MOCKSERVER_CALLBACK_GRACE)" in page


@pytest.mark.parametrize("command", ["serve", "send", "scenarios", "config", "env", "version"])
def test_each_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`COMMAND --help` prints its usage and ends well."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert re.match(rf"usage: twilio-mockserver \[?{command}\b", capsys.readouterr().out)


@pytest.mark.parametrize("spelling", ["version", "--version"])
def test_version(spelling: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Name and number on one line."""
    assert main([spelling]) == 0
    assert capsys.readouterr().out == f"twilio-mockserver {mockserver.__version__}\n"


def test_a_slip_in_a_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """Or else where to look."""
    assert "no command 'snd'; did you mean send?" in refused(capsys, "snd")
    assert "no command 'xyz'; --help lists" in refused(capsys, "xyz")


def test_a_slip_in_a_flag_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """In every command; a beginning alone is not enough, for a later flag may begin so too."""
    assert "serve has no --prot; did you mean --port?" in refused(capsys, "--prot", "1")
    assert "serve has no --cloc; did you mean --clock?" in refused(capsys, "serve", "--cloc=real")
    assert "send has no --bdy" in refused(capsys, "send", "--to", "1", "--body", "x", "--bdy", "x")
    assert "env has no --prot" in refused(capsys, "env", "--prot", "1")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--port", "x"], "--port: 'x' is not a whole number"),
        (["--port"], "argument --port: expected one argument"),
        (["serve", "send"], "'send' is one word too many"),
        (["send", "--to", "+14155550100"], "required: --body"),
        (["scenarios", "lst"], "did you mean list?"),
        (["scenarios", "show"], "takes one name"),
        (["scenarios", "list", "x"], "takes no names"),
        (["--config", "gone.toml"], "--config: cannot read"),
        (["env", "--url", "nowhere"], "--url: 'nowhere' is not an address"),
    ],
)
def test_wrong_use(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence on standard error and status 2; no traceback, and no server."""
    assert told in refused(capsys, *words)


# -- config ----------------------------------------------------------------------------------------


def printed_settings(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, str]:
    """What `config` prints: value and origin by flag."""
    assert main(["config", *words]) == 0
    lines = capsys.readouterr().out.splitlines()
    return {line.split()[0]: " ".join(line.split()[1:]) for line in lines}


def test_config_prints_values_and_origins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every setting, as a server started here would have it."""
    (tmp_path / "mockserver.toml").write_text('clock = "manual"\nseed = 1\n', encoding="utf-8")
    monkeypatch.setenv("MOCKSERVER_SEED", "2")
    monkeypatch.setenv("MOCKSERVER_CALLBACK_GRACE", "5ms")
    found = printed_settings(capsys, "--port", "3000", "--quiet")
    assert list(found) == list(ROWS)
    assert found["port"] == "3000 --port"
    assert found["quiet"] == "on --quiet"
    assert found["seed"] == "2 MOCKSERVER_SEED"
    assert found["callback-grace"] == "5ms MOCKSERVER_CALLBACK_GRACE"
    assert found["clock"] == "manual mockserver.toml: clock"
    assert found["host"] == "localhost default"
    assert found["url"] == "http://localhost:3000 default"


def test_config_shows_no_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    """What it prints ends up in bug reports."""
    account = f"AC{'5' * 32}:hush:Trial:test"
    found = printed_settings(capsys, "--account", account, "--auth-token", "hush")
    assert found["account"] == f"AC{'5' * 32}:***:Trial:test --account"
    assert found["auth-token"] == "*** --auth-token"


def test_a_switch_can_be_turned_off_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A flag is stronger than a variable in both directions."""
    monkeypatch.setenv("MOCKSERVER_STRICT_SENDERS", "1")
    found = printed_settings(capsys, "--no-strict-senders")
    assert found["strict-senders"] == "off --no-strict-senders"


def test_a_list_takes_several_words_flags_or_commas(capsys: pytest.CaptureFixture[str]) -> None:
    """However one would type it."""
    words = ("--webhook-allow", "a.test", "b.test", "--webhook-allow", "c.test,d.test")
    found = printed_settings(capsys, *words)
    assert found["webhook-allow"] == "a.test, b.test, c.test, d.test --webhook-allow"


def test_warnings_go_to_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command goes on."""
    monkeypatch.setenv("MOCKSERVER_PORT", "tcp://10.0.0.1:2010")
    assert main(["config"]) == 0
    told = capsys.readouterr()
    assert told.err.startswith("warning: MOCKSERVER_PORT is ignored")
    assert re.search(r"^port +2010 +default$", told.out, re.MULTILINE)


# -- env -------------------------------------------------------------------------------------------


def test_env_is_for_a_shell(
    base_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quoted `export` lines: credentials, proxies in both cases, files that are there.

    The seatbelts are for what `run` runs: a shell would put them on all that is started there.
    """
    monkeypatch.delenv("TWILIO_API_KEY", raising=False)
    monkeypatch.setenv("TWILIO_API_SECRET", "real")
    assert main(["env", "--auth-token", "it's", "--url", base_url]) == 0
    words = shlex.split(capsys.readouterr().out)
    assert set(words[::2]) == {"export"}
    printed = dict(word.split("=", 1) for word in words[1::2])
    assert (printed["TWILIO_ACCOUNT_SID"], printed["TWILIO_AUTH_TOKEN"]) == (DEFAULT_SID, "it's")
    assert printed["TWILIO_API_SECRET"] == "it's"
    assert not {"TWILIO_API_KEY", "NODE_OPTIONS", "PYTHONPATH"} & printed.keys()
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        assert printed[name] == base_url
    for name in (*BUNDLES, "NODE_EXTRA_CA_CERTS"):
        assert b"BEGIN CERTIFICATE" in Path(printed[name]).read_bytes()
    assert "-Djavax.net.ssl.trustStore=/" in printed["JAVA_TOOL_OPTIONS"]


def test_env_follows_the_settings_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The server started in this directory is the one that is meant; it must be running."""
    (tmp_path / "mockserver.toml").write_text("port = 1\n", encoding="utf-8")
    assert main(["env"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "no server answers at http://localhost:1" in told.err
    (tmp_path / "mockserver.toml").write_text("port = 0\n", encoding="utf-8")
    assert "say which one with --url" in refused(capsys, "env")


# -- send ------------------------------------------------------------------------------------------


def test_send_prints_sid_and_status(base_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A message goes out as the default account, from a number that every account may use."""
    words = ["send", "--url", base_url, "--to", "+14155550100", "--body", "Hi"]
    assert main(words) == 0
    assert re.fullmatch(r"SM[0-9a-f]{32} queued\n", capsys.readouterr().out)


def test_send_prints_twilios_refusal(base_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Code, text and link; status 1."""
    assert main(["send", "--url", base_url, "--to", "nobody", "--body", "Hi"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert re.match(r"twilio-mockserver: error 21211: .*https://www.twilio.com/docs", told.err)


def test_send_says_that_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """With the way out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert main(["send", "--url", url, "--to", "+14155550100", "--body", "Hi"]) == 1
    assert f"no server answers at {url} (" in capsys.readouterr().err


def test_send_knows_a_stranger(stranger: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Something else on that port is told from a mock."""
    assert main(["send", "--url", stranger, "--to", "+14155550100", "--body", "Hi"]) == 1
    assert "HTTP 200, and neither Twilio's nor this mock's" in capsys.readouterr().err


# -- scenarios -------------------------------------------------------------------------------------


def receive(*words: str) -> int:
    return main(["receive", "--from", "+14155550100", "--to", "+14155550123", *words])


def test_receive_prints_the_replies(
    base_url: str, hook: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each on a line with its SID; warnings go to standard error."""
    hook.answer = ("text/xml", b"<Response><Dial/><Message>Two\nlines</Message></Response>")
    numbers = {"numbers": [{"phone_number": "+14155550123", "sms_url": hook.url}]}
    seed = Request(f"{base_url}/_mock/seed", json.dumps(numbers).encode())
    with build_opener(ProxyHandler({})).open(seed, timeout=20):
        assert receive("--body", "Ahoy", "--url", base_url) == 0
    told = capsys.readouterr()
    line = r'SM[0-9a-f]{32} \+14155550123 → \+14155550100 "Two\\nlines"\n'
    assert re.fullmatch(line, told.out)
    assert "warning: <Dial>" in told.err


def test_receive_says_that_nobody_was_called(
    base_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A number that is not set up, a server that is not there, a number that is none."""
    words = ("receive", "--from", "+14155550100", "--body", "Ahoy", "--url", base_url)
    assert main([*words, "--to", "+14155550199"]) == 1
    assert "+14155550199 is not set up" in capsys.readouterr().err
    assert main([*words, "--to", "ACME"]) == 1
    assert "ACME is no number" in capsys.readouterr().err
    assert receive("--body", "Ahoy", "--url", "http://127.0.0.1:1") == 1
    assert "no server answers" in capsys.readouterr().err


def test_receive_knows_a_stranger(stranger: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What answers is neither Twilio nor this mock."""
    assert receive("--body", "Ahoy", "--url", stranger) == 1
    assert "neither Twilio's nor this mock's" in capsys.readouterr().err


def test_scenarios_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The ready-made ones and those in a folder of one's own, each with its sentence."""
    (tmp_path / "mine.yaml").write_text("summary: My own.\n", encoding="utf-8")
    assert main(["scenarios", "--scenarios", "."]) == 0
    lines = capsys.readouterr().out.splitlines()
    ready = PACKAGES.joinpath("scenarios").glob("*.yaml")
    assert {line.split()[0] for line in lines} == {"mine", *(path.stem for path in ready)}
    assert [line.split(maxsplit=1)[1] for line in lines if line.startswith("mine")] == ["My own."]


def test_a_scenario_is_shown_as_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To begin one's own from; one's own wins over a ready-made one of the same name."""
    ready = PACKAGES / "scenarios/happy-path.yaml"
    assert main(["scenarios", "show", "happy-path"]) == 0
    assert capsys.readouterr().out == ready.read_text("utf-8")
    (tmp_path / "happy-path.yaml").write_text("summary: Mine.\n", encoding="utf-8")
    assert main(["scenarios", "show", "happy-path", "--scenarios", "."]) == 0
    assert capsys.readouterr().out == "summary: Mine.\n"


def test_an_unknown_scenario_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """Status 1: the command was right, the scenario is not there."""
    assert main(["scenarios", "show", "hapy-path"]) == 1
    assert "did you mean 'happy-path'?" in capsys.readouterr().err


def test_a_checked_file_has_all_its_errors_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """File, line, column, path and the nearest key, one error a line; status 1."""
    (tmp_path / "bad.yaml").write_text(
        "summary: Bad.\ndelivery:\n  - outcom: failed\nclok: manual\n", encoding="utf-8"
    )
    (tmp_path / "good.json").write_text(json.dumps({"summary": "Good."}), encoding="utf-8")
    assert main(["scenarios", "check", "good.json", "bad.yaml", "gone.yaml"]) == 1
    err = capsys.readouterr().err
    assert re.search(r"bad\.yaml:3:\d+: delivery\[0\]\S*: .*did you mean 'outcome'\?$", err, re.M)
    assert re.search(r"bad\.yaml:4:\d+: .*did you mean 'clock'\?$", err, re.M)
    assert "gone.yaml" in err
    assert "good.json" not in err


def test_people_of_a_checked_file_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row that cannot be is an error of the check, with the people's own file and line."""
    (tmp_path / "people.csv").write_text("phone,firstName\n+14155550001,Ann,Bob\n")
    (tmp_path / "x.yaml").write_text("given: {stores: [{name: a, file: people.csv}]}\n")
    assert main(["scenarios", "check", "x.yaml"]) == 1
    assert re.search(r"people\.csv:2:\d+: ", capsys.readouterr().err)


def test_values_of_parameters_follow_a_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What must be chosen can be checked with a value, and builds upon what is in the folders."""
    (tmp_path / "x.yaml").write_text(
        "parameters: {share: {about: Part.}}\nextends: carrier-outage\n"
        "weather: [{when: {share: '${share}'}, then: {drop: true}}]\n"
    )
    assert main(["scenarios", "check", "x.yaml:share=0.5"]) == 0
    assert main(["scenarios", "check", "x.yaml:share=5"]) == 1
    assert "weather[0].when.share: must be at most 1" in capsys.readouterr().err
    assert main(["scenarios", "show", "x:share=1", "--scenarios", "."]) == 0
    assert capsys.readouterr().out == (tmp_path / "x.yaml").read_text("utf-8")


def test_good_files_and_the_ready_made_ones_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a file, all scenarios there are get checked."""
    (tmp_path / "good.yaml").write_text("summary: Good.\n", encoding="utf-8")
    assert main(["scenarios", "check", "good.yaml"]) == 0
    assert main(["scenarios", "check"]) == 0
    assert (
        capsys.readouterr().out == "nothing wrong with good.yaml\nnothing wrong with any scenario\n"
    )
