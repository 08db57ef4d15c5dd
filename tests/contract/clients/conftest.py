"""A server process, and programs that find it as `docs/clients.md` says."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import pytest

NODE = Path(__file__).parents[2] / "node"

PATIENCE = 60
"""Seconds of wall time until a program that does not end is given up."""

Missing = Callable[[str, str], NoReturn]


@dataclass(frozen=True)
class Mock:
    """A running server, as somebody in a shell beside it sees it."""

    url: str
    https_port: str
    outer: Mapping[str, str]
    """The environment of that shell."""

    @cached_property
    def environ(self) -> Mapping[str, str]:
        """The shell's environment after `eval "$(twilio-mockserver env)"`."""
        script = 'eval "$(twilio-mockserver env --url "$1")"; env -0'
        printed = self.ran(["sh", "-euc", script, "sh", self.url], env=self.outer)
        return dict(each.split("=", 1) for each in printed.split("\0") if each)

    def ran(
        self,
        command: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> str:
        """What a program prints; it fails where the program does."""
        answer = subprocess.run(
            command,
            env=dict(self.environ if env is None else env),
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout

    def here(self, text: str) -> str:
        """A recipe with this server's ports in it."""
        return text.replace("localhost:2010", self.url.removeprefix("http://")).replace(
            "2011", self.https_port
        )

    def ask(self, path: str, method: str = "GET") -> Any:
        """What the control API answers."""
        request = urllib.request.Request(f"{self.url}/_mock{path}", method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def sent(self) -> Sequence[Mapping[str, Any]]:
        """The messages of the default sandbox, oldest first."""
        found: Sequence[Mapping[str, Any]] = self.ask("/messages")["messages"]
        return found


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment of a user who has no proxy, and whose files are elsewhere."""
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    home = str(tmp_path_factory.mktemp("home"))
    commands = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
    modules = str(NODE / "node_modules")
    return {**kept, "PATH": commands, "NODE_PATH": modules, "XDG_DATA_HOME": home}


@pytest.fixture(scope="session")
def running_mock(shell: Mapping[str, str]) -> Iterator[Mock]:
    """A server with a port for TLS."""
    options = ["--port", "0", "--https-port", "0", "--clock", "instant", "--quiet"]
    process = subprocess.Popen(
        ["twilio-mockserver", *options],
        env={**shell, "PYTHONWARNINGS": "error"},
        stdout=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        said = process.stdout.readline() + process.stdout.readline()
        [url], [port] = re.findall(r"http:\S+", said), re.findall(r"https://\S+:(\d+)", said)
        yield Mock(url, port, shell)
    finally:
        watchdog.cancel()
        process.terminate()
        process.communicate(timeout=10)


@pytest.fixture
def mock(running_mock: Mock) -> Mock:
    """The same, and nothing was sent yet."""
    running_mock.ask("/reset", "POST")
    return running_mock


@pytest.fixture(scope="session")
def node(missing: Missing) -> str:
    """Node, with Twilio's library."""
    found, log = shutil.which("node"), NODE / "npm.log"
    if found is None:
        missing("node", "it is not installed")
    if not (NODE / "node_modules" / "twilio").is_dir():
        said = log.read_text("utf-8")[:300].strip() if log.exists() else "`make test` does it"
        missing("node", f"its packages are not installed: {said}")
    return found
