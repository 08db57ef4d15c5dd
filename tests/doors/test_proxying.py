"""Unmodified clients through the proxy of a server process: the environment is all they get."""

import asyncio
import json
import os
import shutil
import ssl
import subprocess
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mockserver.cli import main
from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN

PACKAGES = Path(__file__).parents[2]
MESSAGES = f"https://api.twilio.com/2010-04-01/Accounts/{DEFAULT_SID}/Messages.json"
FORM = {"To": "+14155552671", "From": "+15017122661", "Body": "Ahoy"}


@dataclass(frozen=True)
class Running:
    """A server process, and where its CA is."""

    url: str
    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        """What a program under test is given, beside what it has; it knows of no mock."""
        bundle = str(self.folder / "ca-bundle.pem")
        proxies = dict.fromkeys(
            ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), self.url
        )
        bundles = dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"), bundle)
        login = {"TWILIO_ACCOUNT_SID": DEFAULT_SID, "TWILIO_AUTH_TOKEN": DEFAULT_TOKEN}
        kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        return {**kept, **proxies, **bundles, **login}

    def messages(self) -> list[Mapping[str, Any]]:
        """What was sent, as the control API has it."""
        with urllib.request.urlopen(f"{self.url}/_mock/messages") as answer:
            found: list[Mapping[str, Any]] = json.load(answer)["messages"]
        return found

    def trust(self) -> ssl.SSLContext:
        """A client that trusts the mock's CA and nobody else."""
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context


@pytest.fixture
def server(running: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    folder = tmp_path / "ca"
    monkeypatch.setenv("MOCKSERVER_CA_DIR", str(folder))
    with running(PACKAGES, tmp_path) as url:
        with urllib.request.urlopen(f"{url}/_mock/ca.pem") as answer:
            assert answer.read() == (folder / "ca.pem").read_bytes()
        yield Running(url, folder)


def test_the_port_for_tls_is_printed(tmp_path: Path) -> None:
    """Behind the other one; a server that cannot have it ends, and names it."""
    command = [sys.executable, "-m", "mockserver", "--port", "0", "--ca-dir", str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": str(PACKAGES)}
    first = subprocess.Popen(
        [*command, "--https-port", "0"],
        env=environ,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert first.stdout is not None
        assert "is listening on http://localhost:" in first.stdout.readline()
        said, _, port = first.stdout.readline().rpartition(":")
        assert said == "and with TLS on https://localhost"
        second = subprocess.run(
            [*command, "--https-port", port.strip()],
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        first.terminate()
        first.communicate(timeout=10)
    assert first.returncode == 0
    assert second.returncode == 1
    assert f"cannot listen on localhost port {port.strip()} (--https-port)" in second.stderr
    assert "ResourceWarning" not in second.stderr


def ran(command: list[str], server: Running, folder: Path) -> str:
    """What a program prints; it fails where the program does."""
    answer = subprocess.run(
        command,
        env=server.environ,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_the_official_client_does_not_notice(server: Running, tmp_path: Path) -> None:
    """`Client()` from environment variables: no base URL, no other HTTP client."""
    script = (
        "from twilio.rest import Client\n"
        "client = Client()\n"
        "for number in range(3):\n"
        "    made = client.messages.create(to='+14155552671', from_='+15017122661', body='Ahoy')\n"
        "print(made.sid, client.messages(made.sid).fetch().body)\n"
        "print(len(client.messaging.v1.services.list()))\n"
    )
    printed = ran([sys.executable, "-c", script], server, tmp_path)
    sent = server.messages()
    assert printed == f"{sent[-1]['sid']} Ahoy\n0\n"
    assert len(sent) == 3


def test_requests_does_not_notice(server: Running, tmp_path: Path) -> None:
    """The commonest of Python's clients, with a connection that is kept."""
    script = (
        "import requests\n"
        "with requests.Session() as session:\n"
        f"    session.auth = ({DEFAULT_SID!r}, {DEFAULT_TOKEN!r})\n"
        "    for _ in range(3):\n"
        f"        answer = session.post({MESSAGES!r}, data={FORM!r})\n"
        "        print(answer.status_code)\n"
    )
    assert ran([sys.executable, "-c", script], server, tmp_path) == "201\n" * 3
    assert len(server.messages()) == 3


def test_curl_does_not_notice(server: Running, tmp_path: Path) -> None:
    """Neither for a message nor for a host that nobody serves."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("there is no curl")
    command = [curl, "-sS", "-u", f"{DEFAULT_SID}:{DEFAULT_TOKEN}"]
    fields = [
        word for name, text in FORM.items() for word in ("--data-urlencode", f"{name}={text}")
    ]
    made = json.loads(ran([*command, MESSAGES, *fields], server, tmp_path))
    assert made["sid"] == server.messages()[0]["sid"]
    unserved = ran([*command, "https://verify.twilio.com/v2/Services"], server, tmp_path)
    assert json.loads(unserved)["code"] == 20404


def test_other_hosts_are_refused_in_a_word_that_shows(server: Running, tmp_path: Path) -> None:
    """What a program says that asks somebody else names the setting."""
    script = (
        "import requests\n"
        "try:\n"
        "    requests.get('https://example.com')\n"
        "except requests.exceptions.ProxyError as error:\n"
        "    print(error)\n"
    )
    assert "--proxy-others tunnel" in ran([sys.executable, "-c", script], server, tmp_path)


async def test_aiohttp_goes_through_it_too(server: Running) -> None:
    """With the proxy named; many at once."""
    login = b64encode(f"{DEFAULT_SID}:{DEFAULT_TOKEN}".encode()).decode()
    context = server.trust()
    async with aiohttp.ClientSession(headers={"Authorization": f"Basic {login}"}) as session:

        async def send() -> int:
            async with session.post(MESSAGES, data=FORM, proxy=server.url, ssl=context) as answer:
                await answer.read()
                return answer.status

        assert await asyncio.gather(*(send() for _ in range(50))) == [201] * 50
    assert len(server.messages()) == 50


def read(text: str) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=text)


def test_the_command_prints_the_ca(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It makes one where there is none; `--out` writes it, `--bundle` adds the system's roots."""
    monkeypatch.setenv("MOCKSERVER_CA_DIR", str(tmp_path / "ca"))
    assert main(["ca"]) == 0
    own = capsys.readouterr().out
    assert len(read(own).get_ca_certs()) == 1
    assert main(["ca", "--out", str(tmp_path / "own.pem")]) == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "own.pem").read_text() == own
    assert main(["ca", "--bundle"]) == 0
    assert capsys.readouterr().out.endswith(own)


def test_the_command_asks_a_server(
    server: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One in a container has a CA of its own."""
    assert main(["ca", "--url", server.url, "--ca-dir", str(tmp_path / "other")]) == 0
    assert capsys.readouterr().out == (server.folder / "ca.pem").read_text()
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--url", "http://127.0.0.1:1"], "does not answer"),
        (["--ca-dir", "/dev/null/ca"], "cannot be kept in /dev/null/ca"),
        (["--out", "/dev/null/ca.pem"], "cannot write /dev/null/ca.pem"),
    ],
)
def test_the_command_says_what_is_wrong(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence and status 1."""
    assert main(["ca", "--ca-dir", str(tmp_path / "ca"), *words]) == 1
    assert said in capsys.readouterr().err


def test_a_password_of_a_proxy_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """`config` is what people paste into bug reports."""
    assert main(["config", "--proxy-upstream", "http://me:secret@proxy.example:3128"]) == 0
    printed = capsys.readouterr().out
    assert "secret" not in printed
    assert "http://***@proxy.example:3128" in printed
