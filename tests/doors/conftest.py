"""What the tests of the doors share: somebody's webhook, and `run` as its users type it."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import parse_qsl

import pytest

PACKAGES = Path(__file__).parents[2]
RUN = (sys.executable, "-m", "mockserver", "run")

PATIENCE = 20
"""Seconds of wall time until a webhook that was not called is given up."""


@dataclass
class Hook:
    """A webhook that answers 200 and keeps what it was sent."""

    url: str
    posted: "Queue[dict[str, str]]" = field(default_factory=Queue)
    answer: tuple[str, bytes] = ("text/plain", b"")
    """Content type and body."""

    def statuses(self, count: int) -> list[str]:
        """The next `count` statuses that were reported, in order of arrival."""
        return [self.posted.get(timeout=PATIENCE)["MessageStatus"] for _ in range(count)]


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A webhook in a thread."""
    made = Hook("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            made.posted.put(dict(parse_qsl(body, keep_blank_values=True)))  # before the answer
            self.send_response(200)
            kind, said = made.answer
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Silence is fine."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}/status"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@dataclass(frozen=True)
class Ended:
    """How `run` ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What `run` finds: the working copy, a home for the CA that is made once, and no proxy."""
    kept = {name: value for name, value in os.environ.items() if "PROXY" not in name.upper()}
    home = str(tmp_path_factory.mktemp("home"))
    return {**kept, "PYTHONPATH": str(PACKAGES), "XDG_DATA_HOME": home}


@pytest.fixture
def start(environ: Mapping[str, str], tmp_path: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Starts `run` in a directory of its own."""

    def start(*words: str, **more: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*RUN, *words],
            cwd=tmp_path,
            env={**environ, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture
def run(start: Callable[..., "subprocess.Popen[str]"]) -> Run:
    """The same, to its end."""

    def run(*words: str, **more: str) -> Ended:
        process = start(*words, **more)
        out, err = process.communicate(timeout=90)
        return Ended(process.returncode, out, err)

    return run
