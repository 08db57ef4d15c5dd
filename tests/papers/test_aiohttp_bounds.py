"""The server works with the oldest aiohttp that we allow: users' environments are not ours."""

import json
import os
import queue
import re
import subprocess
import sys
import threading
import tomllib
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 10
"""Seconds of wall time until a callback that does not come is given up."""


def lowest() -> str:
    """The lower bound on aiohttp in `pyproject.toml`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    [bound] = [name for name in project["dependencies"] if name.startswith("aiohttp>")]
    found = re.fullmatch(r"aiohttp>=([0-9.]+),<[0-9]+", bound)
    assert found is not None
    return found[1]


def install(folder: Path, requirement: str, missing: Callable[[str, str], NoReturn]) -> None:
    """Put a distribution and its dependencies into a folder; skip where pip has no index."""
    words = f"-m pip install --quiet --retries 1 --target {folder} {requirement}"
    done = subprocess.run(
        [sys.executable, *words.split()], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return
    offered = re.search(r"from versions: ([^)]*)", done.stderr)
    if offered and "3.8.1" in offered[1]:
        pytest.fail(done.stderr)
    missing("pip", f"cannot reach a package index: {done.stderr.strip()[-300:]}")


@contextmanager
def receiver() -> Iterator[tuple[str, "queue.Queue[dict[str, str]]"]]:
    """An application that is called back: its URL, and the forms that it got."""
    forms: queue.Queue[dict[str, str]] = queue.Queue()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.send_response(204)
            self.end_headers()
            forms.put(dict(urllib.parse.parse_qsl(text)))

        def log_message(self, *_: object) -> None:
            """Silence."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/status", forms
        finally:
            server.shutdown()
            thread.join()


def version(packages: Path) -> str:
    """The aiohttp that a process with `packages` on its path imports."""
    done = subprocess.run(
        [sys.executable, "-c", "import aiohttp; print(aiohttp.__version__)"],
        env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture(params=["lowest", "installed"])
def packages(
    request: pytest.FixtureRequest, tmp_path: Path, missing: Callable[[str, str], NoReturn]
) -> Path:
    """A folder that a process looks into first: the oldest aiohttp, or nothing."""
    folder = tmp_path / "packages"
    folder.mkdir()
    if request.param == "lowest":
        install(folder, f"aiohttp=={lowest()}", missing)
        assert version(folder) == lowest()
    return folder


def test_a_message_and_its_callbacks(
    packages: Path,
    tmp_path: Path,
    running: Callable[[Path, Path], AbstractContextManager[str]],
    post: Callable[[str, Mapping[str, str]], bytes],
) -> None:
    """Both ends of the range: the server takes a message and calls back about it."""
    with receiver() as (url, forms), running(packages, tmp_path) as base_url:
        form = {"To": "+14155550100", "From": "+14155550123", "Body": "Hi", "StatusCallback": url}
        message = json.loads(post(base_url, form))
        told = [forms.get(timeout=PATIENCE) for _ in range(2)]
    assert [one["MessageStatus"] for one in told] == ["sent", "delivered"]
    assert {one["MessageSid"] for one in told} == {message["sid"]}
