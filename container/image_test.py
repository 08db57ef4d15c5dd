"""Runs the image and uses it as a stranger would; says what was seen, and ends with 1 if not all.

With docker or podman the container is theirs. Buildah runs none as an engine does: then the image's
files are mounted read-only in a mount name space, and its command runs there as the image's user,
which needs root. Only the standard library is used.
"""

import argparse
import gzip
import http.client
import json
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, urlencode

SID: Final = "AC00000000000000000000000000002010"
TOKEN: Final = "00000000000000000000000000002010"
GOAL: Final = 60.0
"""Megabytes that the image may add to its base, compressed."""
PATIENCE: Final = 30.0
WRITABLE: Final = (
    "import os; print(*(p for p in ('/', '/etc', '/opt/mockserver', '/usr', '/data') "
    "if os.access(p, os.W_OK)))"
)

KEYS: Final = (
    "import pathlib; print(*(oct(p.stat().st_mode)[-3:] for p in pathlib.Path('/data').rglob('*') "
    "if p.is_file() and b'PRIVATE KEY' in p.read_bytes()))"
)


def told(words: list[str]) -> str:
    """What a command prints; raise when it fails."""
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


class Running(Protocol):
    """A container that was started."""

    host: str
    """What this machine is called from within."""

    def inside(self, *words: str) -> str:
        """What a command prints that runs in it, as its user."""

    def check(self) -> list[str]:
        """The image's own health check."""

    def terminate(self) -> int:
        """Send SIGTERM and wait; the exit status."""

    def remove(self) -> None:
        """Leave nothing behind."""


class Contained:
    """A container of docker or podman."""

    host = "host.docker.internal"

    def __init__(self, engine: str, image: str, port: int) -> None:
        self._engine = engine
        options = (
            f"--read-only --cap-drop ALL --publish 127.0.0.1:{port}:2010 --volume /data "
            f"--add-host {self.host}:host-gateway"
        )
        self._id = told([engine, "run", "--detach", *shlex.split(options), image])

    def inside(self, *words: str) -> str:
        return told([self._engine, "exec", self._id, *words])

    def check(self) -> list[str]:
        config = json.loads(told([self._engine, "inspect", self._id]))[0]["Config"]
        return list(config["Healthcheck"]["Test"][1:])

    def terminate(self) -> int:
        told([self._engine, "kill", "--signal", "TERM", self._id])
        return int(told([self._engine, "wait", self._id]))

    def remove(self) -> None:
        told([self._engine, "rm", "--force", "--volumes", self._id])


class Mounted:
    """The image's files in a mount name space, without an engine."""

    host = "127.0.0.1"

    def __init__(self, engine: str, image: str, port: int) -> None:
        self._engine = engine
        self._container = told([engine, "from", image])
        self._root = told([engine, "mount", self._container])
        self._data = tempfile.mkdtemp(prefix="image-test-")
        inspected = json.loads(told([engine, "inspect", "--type", "image", image]))
        self._config = inspected["Docker"]["config"]
        self._user = self._config["User"]
        shutil.chown(self._data, *map(int, self._user.split(":")))
        variables = [*self._config["Env"], f"MOCKSERVER_PORT={port}"]
        self._environ = dict(each.split("=", 1) for each in variables)
        command = [*self._config["Entrypoint"], *self._config["Cmd"]]
        self._process = subprocess.Popen(self._entering(command), text=True)

    def _entering(self, command: list[str]) -> list[str]:
        """The same, as root of this machine and in the files of the image."""
        root, user = shlex.quote(self._root), self._user
        environ = shlex.join(f"{name}={value}" for name, value in self._environ.items())
        steps = (
            f"mount --bind {root} {root}",
            f"mount --bind {shlex.quote(self._data)} {root}/data",
            f"mount --rbind /dev {root}/dev",
            f"mount -t proc proc {root}/proc",
            f"mount -o remount,bind,ro {root}",
            f"cd {root}",
            f"exec env -i {environ} chroot --userspec={user} {root} {shlex.join(command)}",
        )
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", " && ".join(steps)]

    def inside(self, *words: str) -> str:
        return told(self._entering(list(words)))

    def check(self) -> list[str]:
        return list(self._config["Healthcheck"]["Test"][1:])

    def terminate(self) -> int:
        self._process.terminate()
        return self._process.wait(PATIENCE)

    def remove(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        told([self._engine, "umount", self._container])
        told([self._engine, "rm", self._container])
        shutil.rmtree(self._data)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, method: str, path: str, body: Mapping[str, str] | None = None) -> Any:
    """The JSON that the mock answers, as its default account; raise for a refusal."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Authorization": "Basic " + b64encode(f"{SID}:{TOKEN}".encode()).decode()}
    sent: str | None = None
    if body is not None:
        control = path.startswith("/_mock")
        sent = json.dumps(body) if control else urlencode(body)
        kind = "json" if control else "x-www-form-urlencoded"
        headers["Content-Type"] = f"application/{kind}"
    connection.request(method, path, sent, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status >= 300:
        raise SystemExit(f"{method} {path}: {answer.status} {content[:300]!r}")
    return json.loads(content)


def wait_until_it_serves(port: int) -> float:
    """Seconds until it does."""
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE:
        try:
            ask(port, "GET", "/_mock/health")
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
        else:
            return time.perf_counter() - began
    raise SystemExit(f"does not serve within {PATIENCE:g} s")


@contextmanager
def application() -> Iterator[tuple[int, list[dict[str, list[str]]], Event]]:
    """A webhook on this machine: its port, what came, and whether a final status did."""
    came: list[dict[str, list[str]]] = []
    final = Event()

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            came.append(form)
            self.send_response(204)
            self.end_headers()
            if form["MessageStatus"] == ["delivered"]:
                final.set()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("0.0.0.0", 0), Webhook)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], came, final
    finally:
        server.shutdown()
        server.server_close()


def certificates(port: int, running: Running, report: "Report") -> None:
    """They are made at the first use, and stay in the one folder that can be written to."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/_mock/ca.pem")
    handed = connection.getresponse().read()
    report.say(b"BEGIN CERTIFICATE" in handed and b"KEY" not in handed, "hands its CA out")
    modes = running.inside("python3", "-c", KEYS)
    report.say(modes != "" and set(modes.split()) == {"600"}, f"keeps its keys: mode {modes}")


class Report:
    """What was seen, line by line."""

    def __init__(self) -> None:
        self.broken = 0

    def say(self, ok: bool, text: str) -> None:
        """One line; what is not ok counts."""
        self.broken += not ok
        print(f"{'ok' if ok else 'NOT OK':<7}{text}", flush=True)


def messages_each_way(port: int, host: str, report: Report) -> None:
    """One from a program, with its callbacks, and one from a handset."""
    path = f"/2010-04-01/Accounts/{SID}/Messages.json"
    with application() as (hook, came, final):
        form = {"To": "+14155550199", "From": "+14155550123", "Body": "Hi"}
        # The image maps localhost to host.docker.internal, which is tried where localhost refuses.
        url = f"http://{'localhost' if host != '127.0.0.1' else host}:{hook}/status"
        sid = ask(port, "POST", path, {**form, "StatusCallback": url})["sid"]
        delivered = final.wait(PATIENCE)
        statuses = [form["MessageStatus"][0] for form in came]
        report.say(delivered, f"sends a message; its callbacks came from inside: {statuses}")
    fetched = ask(port, "GET", path.replace("Messages", f"Messages/{sid}"))
    report.say(fetched["status"] == "delivered", f"fetches it: {fetched['status']}")
    text = {"from": "+14155550199", "to": "+14155550123", "body": "Yes"}
    heard = ask(port, "POST", "/_mock/inbound", text)["message"]
    report.say(heard["direction"] == "inbound", f"receives a message: {heard['status']}")


def size_above_base(engine: str, image: str) -> float:
    """Megabytes, compressed: what the layers weigh that COPY and RUN have made."""
    with tempfile.TemporaryDirectory(prefix="image-size-") as folder:
        archive = Path(folder, "image.tar")
        if engine == "buildah":
            told([engine, "push", "--quiet", image, f"docker-archive:{archive}"])
        else:
            told([engine, "save", "--output", str(archive), image])
        told(["tar", "-xf", str(archive), "-C", folder])
        layers = json.loads(Path(folder, "manifest.json").read_text())[0]["Layers"]
        return sum(_weight(Path(folder, layer)) for layer in _own(layers, folder)) / 1e6


def _own(layers: list[str], folder: str) -> list[str]:
    """Those from the first on that has our files; what lies below is the base."""
    for place, layer in enumerate(layers):
        names = told(["tar", "-tf", str(Path(folder, layer))]).splitlines()
        if any(name.strip("./").startswith(("data", "opt/mockserver")) for name in names):
            return layers[place:]
    return []


def _weight(layer: Path) -> int:
    content = layer.read_bytes()
    return len(content if content[:2] == b"\x1f\x8b" else gzip.compress(content, 6))


def main() -> int:
    """Try the image; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", required=True)
    parser.add_argument("--image", default="twilio-mockserver")
    given = parser.parse_args()
    if not given.engine:
        parser.error("docker, podman or buildah must be there, and work")
    report, port = Report(), free_port()
    kind = Mounted if given.engine == "buildah" else Contained
    running: Running = kind(given.engine, given.image, port)
    try:
        report.say(True, f"serves after {wait_until_it_serves(port):.2f} s")
        running.inside(*running.check())
        report.say(True, "its own health check passes")
        user = running.inside("python3", "-c", "import os; print(os.getuid())")
        report.say(user != "0", f"runs as user {user}")
        writable = running.inside("python3", "-c", WRITABLE)
        report.say(writable == "/data", f"can write to {writable or 'nothing'} only")
        certificates(port, running, report)
        messages_each_way(port, running.host, report)
        began = time.perf_counter()
        status = running.terminate()
        took = time.perf_counter() - began
        report.say(status == 0 and took < 2, f"ends on SIGTERM in {took:.2f} s, status {status}")
    finally:
        running.remove()
    size = size_above_base(given.engine, given.image)
    report.say(0 < size <= GOAL, f"weighs {size:.1f} MB above its base, compressed")
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
