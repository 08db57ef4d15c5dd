"""What every test may ask for."""

import base64
import os
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

import pytest
from hypothesis import HealthCheck, settings

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

settings.register_profile(
    "here",
    deadline=None,  # a busy machine is no defect
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")

Missing = Callable[[str, str], NoReturn]


@pytest.fixture(scope="session")
def missing() -> Missing:
    """`missing("node", reason)` skips the test; it fails where REQUIRE names that thing."""
    return _missing


def _missing(thing: str, reason: str) -> NoReturn:
    if thing in os.environ.get("REQUIRE", "").split(","):
        pytest.fail(f"REQUIRE names {thing}: {reason}")
    pytest.skip(f"{thing}: {reason}")


# -- somebody's application --

Served = Callable[["WSGIApplication"], str]


@pytest.fixture
def served() -> Iterator[Served]:
    """`served(app)` has threads answer for a WSGI application; gives its base URL."""
    from werkzeug.serving import make_server

    with ExitStack() as stack:

        def served(app: "WSGIApplication") -> str:
            server = make_server("127.0.0.1", 0, app, threaded=True)
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            for step in (server.server_close, thread.join, server.shutdown):  # the last one first
                stack.callback(step)
            return f"http://127.0.0.1:{server.server_port}"

        yield served


# -- a server process --

Running = Callable[[Path, Path], AbstractContextManager[str]]
Post = Callable[[str, Mapping[str, str]], bytes]

PATIENCE = 30
"""Seconds of wall time until a server that says nothing is given up."""


@pytest.fixture(scope="session")
def running() -> Running:
    """`running(packages, directory)`: a server out of `packages`; gives its base URL."""
    return _running


@pytest.fixture(scope="session")
def post() -> Post:
    """`post(base_url, form)` creates a message as the default account; gives the answer's body."""
    return _post


@contextmanager
def _running(packages: Path, directory: Path) -> Iterator[str]:
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", "mockserver", "--port", "0", "--clock", "instant"],
            cwd=directory,
            env={**os.environ, "PYTHONPATH": str(packages)},
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        try:
            yield _base_url(process, complaints)
        finally:
            watchdog.cancel()
            process.terminate()
            process.communicate(timeout=10)


def _base_url(process: "subprocess.Popen[bytes]", complaints: IO[bytes]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://localhost:[0-9]+", line.decode()):
            return found[0]
    complaints.seek(0)
    pytest.fail(f"the server did not start: {complaints.read().decode()}")


def _post(base_url: str, form: Mapping[str, str]) -> bytes:
    login = base64.b64encode(f"{DEFAULT_SID}:{DEFAULT_TOKEN}".encode()).decode()
    request = urllib.request.Request(
        f"{base_url}/2010-04-01/Accounts/{DEFAULT_SID}/Messages.json",
        urllib.parse.urlencode(form).encode(),
        {"Authorization": f"Basic {login}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        body: bytes = answer.read()
    return body
