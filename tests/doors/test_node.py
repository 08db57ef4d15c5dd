"""Node programs under `twilio-mockserver run`: whatever opens their connections, the mock answers.

What is said of Node here was seen with versions 16 to 24.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from mockserver.edge.tls.authority import make_authority, make_leaf
from mockserver.environment import CERTIFICATE, REQUIRED, URL, node_options

if TYPE_CHECKING:
    from tests.doors.conftest import Run

NODE = Path(__file__).parents[1] / "node"
RUN = (sys.executable, "-m", "mockserver", "run")
NEEDS = ("twilio", "axios", "got", "undici")

KINDS = (
    *("https", "https on a region", "https without an agent", "https kept alive"),
    *("https with roots of its own", "https with a context of its own"),
    *("https with a look-up of its own", "TLS around a socket", "http", "http2", "fetch"),
    *("undici", "undici that would speak HTTP/2", "axios", "axios without a proxy", "got"),
    *("got that would speak HTTP/2", "twilio", "twilio with an API key"),
)
"""What `tests/node/unmodified.js` tries."""

GET = (
    "require('https').get('https://api.twilio.com/', (answer) => {"
    "  answer.resume(); console.log(answer.statusCode); })"
    ".on('error', (error) => console.log(error.code));"
)
"""Prints 404, which is what Twilio has there, and the mock."""

Missing = Callable[[str, str], NoReturn]


@pytest.fixture(scope="module")
def node(missing: Missing) -> str:
    """Node, with the libraries that the tests ask."""
    found = shutil.which("node")
    if found is None:
        missing("node", "it is not installed")
    absent = [each for each in NEEDS if not (NODE / "node_modules" / each).is_dir()]
    if absent:
        missing("node", f"`make test` installs {', '.join(absent)} in {NODE}")
    return found


@pytest.fixture(scope="module", params=["proxied", "bare"])
def told(
    request: pytest.FixtureRequest, node: str, environ: Mapping[str, str]
) -> Mapping[str, object]:
    """How every kind of client fared, with the variables of a proxy and without them."""
    ended = subprocess.run(
        [*RUN, "--fail-on", "unknown-parameters", "--", node, "unmodified.js", request.param],
        cwd=NODE,
        env={**environ, "TWILIO_API_KEY": "SK" + "f" * 32, "TWILIO_API_SECRET": "real"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found: Mapping[str, object] = {**json.loads(ended.stdout), "": ended.stderr}
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_an_unmodified_client_sends_through_the_mock(told: Mapping[str, object], kind: str) -> None:
    """Real connections, checked certificates; the mock has what was sent."""
    assert told[kind] == 201
    assert (f'delivered "{kind}"' in str(told[""])) == (kind != "http2")
    assert set(told) == {*KINDS, ""}


ESM = """
import { request } from "undici";
import { lookup } from "node:dns/promises";
import { connect } from "tls";
import { get } from "node:https";

const refused = await lookup("api.twilio.com").catch((error) => error.code);
const trusted = await new Promise((told) => {
  const socket = connect({ host: "verify.twilio.com", port: 443, ca: "none" }, () => {
    told([socket.authorized, socket.remotePort]);
    socket.end();
  });
});
const status = await new Promise((told) => {
  get("https://api.twilio.com/", (answer) => told(answer.resume().statusCode));
});
const { statusCode } = await request("https://api.twilio.com/");
const fetched = await fetch("https://api.twilio.com/");
const own = Number(new URL(process.env.TWILIO_MOCKSERVER_URL).port);
console.log(refused, trusted[0], trusted[1] === own, status, statusCode, fetched.status);
"""


def test_a_program_of_modules(run: "Run", node: str, tmp_path: Path) -> None:
    """What it imports by name is led as well; a client that names no host in TLS is shown it."""
    (tmp_path / "node_modules").symlink_to(NODE / "node_modules")
    (tmp_path / "program.mjs").write_text(ESM)
    ended = run("--", node, "program.mjs")
    assert (ended.status, ended.out) == (0, "ENOTFOUND true true 404 404 404\n"), ended.err


THREADS = f"""
const {{ Worker }} = require("worker_threads");
const {{ fork, spawnSync }} = require("child_process");
const words = ["-e", {GET!r}];
console.log(spawnSync(process.execPath, words, {{ encoding: "utf8" }}).stdout.trim());
const each = [{{}}, {{ execArgv: [] }}, {{ env: {{ ...process.env, MORE: "1" }} }}];
for (const options of each) new Worker({GET!r}, {{ eval: true, ...options }});
fork("-", [], {{ execArgv: words }});
"""


def test_threads_and_children_are_belted(run: "Run", node: str) -> None:
    """Whatever a test runner starts: threads, forks, other programs."""
    ended = run("--", node, "-e", THREADS)
    assert (ended.status, ended.out) == (0, "404\n" * 5), ended.err
    assert "5 API calls" in ended.err


def test_a_script_of_npm(run: "Run", node: str, tmp_path: Path, missing: Missing) -> None:
    """A program that a program starts that npm starts."""
    npm = shutil.which("npm")
    if npm is None:
        missing("node", "there is no npm")
    (tmp_path / "send.js").write_text(GET)
    (tmp_path / "package.json").write_text('{"scripts": {"send": "node send.js"}}')
    ended = run("--", npm, "run", "--silent", "send")
    assert (ended.status, ended.out) == (0, "404\n"), ended.err


def test_the_users_options_are_kept(run: "Run", node: str, tmp_path: Path) -> None:
    """What they load finds the way to the mock already."""
    folder = tmp_path / "my tools"
    folder.mkdir()
    (folder / "own.js").write_text(f"global.own = true;\n{GET}")
    options = f'--require "{folder}/own.js" --max-http-header-size=4321'
    script = "console.log(global.own, require('http').maxHeaderSize)"
    ended = run("--", node, "-e", script, NODE_OPTIONS=options)
    assert (ended.status, sorted(ended.out.split("\n"))) == (0, ["", "404", "true 4321"])


@pytest.mark.parametrize("name", ["a b", 'a "b"', "a\\b", 'a\\\\" b', "ä%20'$x'"])
def test_node_reads_the_path_as_it_is_quoted(node: str, tmp_path: Path, name: str) -> None:
    """Wherever Python keeps its packages."""
    (tmp_path / name).mkdir()
    path = tmp_path / name / "required.cjs"
    path.write_text("console.log(__filename)")
    assert belted(node, "0", tmp_path, NODE_OPTIONS=node_options({}, path)).stdout == f"{path}\n"


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("process.exitCode = 7", 7),
        ("throw new Error('own')", 1),
        ("process.kill(process.pid, 'SIGKILL')", 137),
        (f"{GET} process.on('exit', () => process.exit(5))", 5),
    ],
)
def test_it_ends_as_it_would(run: "Run", node: str, script: str, status: int) -> None:
    """Its own exit status, and nothing holds it up."""
    assert run("--", node, "-e", script).status == status


def test_the_inner_mock_counts(run: "Run", node: str) -> None:
    """As in a suite that is run under `run`, and uses `run`."""
    ended = run("--", *RUN, "--", node, "-e", GET)
    assert ended.out == "404\n"
    outer, inner = "0 messages, nothing reached the mock\n", "0 messages, 1 API call\n"
    assert ended.err.count(f"twilio-mockserver: {outer}") == 1
    assert ended.err.count(f"twilio-mockserver: {inner}") == 1


# -- the seatbelt ----------------------------------------------------------------------------------


def belted(node: str, script: str, folder: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """A program with the seatbelt alone: nobody answers where it leads."""
    (folder / "ca.pem").write_bytes(make_authority(NOW).public)
    environ = {URL: "http://127.0.0.1:9", CERTIFICATE: str(folder / "ca.pem")}
    return subprocess.run(
        [node, "-e", script],
        env={**environ, "NODE_OPTIONS": node_options({}), **more},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


NOW = datetime.now(UTC).replace(microsecond=0)

LOOK_UPS = """
const dns = require("dns");
const { promisify } = require("util");
const said = ({ code, message, hostname }) => console.log(code, hostname, message);
const back = (error) => said(error);
const wanted = process.argv[1];
dns.lookup(wanted, back);
dns.lookup(wanted, { all: true }, back);
dns.resolve(wanted, back);
dns.resolve(wanted, "AAAA", back);
dns.resolve4(wanted, back);
new dns.Resolver().resolve6(wanted, back);
promisify(dns.lookup)(wanted).catch(said);
dns.promises.lookup(wanted).catch(said);
dns.promises.resolveAny(wanted).catch(said);
new dns.promises.Resolver().resolve(wanted).catch(said);
"""


@pytest.mark.parametrize("host", ["api.twilio.com", "API.Twilio.COM.", "twilio.com"])
def test_twilios_names_are_not_looked_up(node: str, tmp_path: Path, host: str) -> None:
    """The error is a resolver's, which clients know; it names the mock, and the fix."""
    ended = belted(node, LOOK_UPS.replace("process.argv[1]", repr(host)), tmp_path)
    lines = ended.stdout.splitlines()
    assert len(lines) == 10, ended.stderr
    for line in lines:
        assert line.startswith(f"ENOTFOUND {host} twilio-mockserver keeps this program from the ")
        assert line.endswith("or give it the base URL http://127.0.0.1:9")


OTHERS = """
const dns = require("dns");
const { promisify } = require("util");
const net = require("net");
console.log(dns.lookup.name, dns.lookup.length, require("tls").connect.name);
promisify(dns.lookup)("localhost").then(({ family }) => console.log(typeof family));
dns.lookup("127.0.0.1", (error, address) => console.log(error, address));
try { dns.lookup("api.twilio.com"); } catch (error) { console.log(error.code); }
const server = net.createServer((socket) => socket.end("hello")).listen(0, () => {
  const { port } = server.address();
  const ways = [[port], [String(port), "127.0.0.1"], [{ port, host: "localhost" }]];
  const calls = ways.map((words) => new Promise((heard) => {
    net.connect(...words, function () { this.on("data", (data) => heard(String(data))); });
  }));
  Promise.all(calls).then((all) => { console.log(all.join()); server.close(); });
});
net.connect("/nowhere/twilio.com").on("error", ({ code }) => console.log(code));
net.connect(1, "nottwilio.com.invalid").on("error", ({ message }) => console.log(message));
"""


def test_other_hosts_are_untouched(node: str, tmp_path: Path) -> None:
    """As Node has it: addresses, names that end the same, files, complaints."""
    ended = belted(node, OTHERS, tmp_path)
    assert ended.stderr == ""
    *seen, unknown = sorted(ended.stdout.splitlines(), key=lambda line: line.endswith(".invalid"))
    assert set(seen) == {
        *("lookup 3 connect", "number", "null 127.0.0.1", "ERR_INVALID_ARG_TYPE"),
        *("hello,hello,hello", "ENOENT"),
    }
    assert unknown.startswith("getaddrinfo E")


PRETENDING = """
const fs = require("fs");
const net = require("net");
const tls = require("tls");
const [pem, ca] = ["leaf.pem", "other.pem"].map((name) => fs.readFileSync(name));
const server = tls.createServer({ key: pem, cert: pem }, (socket) => socket.end());
server.listen(0, "127.0.0.1", async () => {
  const { port } = server.address();
  const met = (options) => new Promise((told) => {
    const socket = tls.connect({ servername: "api.twilio.com", ...options }, () => {
      told("met");
      socket.destroy();
    });
    socket.on("error", ({ code }) => told(code));
  });
  const through = () => net.connect(port, "127.0.0.1");
  console.log(await met({ socket: through(), ca }));
  console.log(await met({ socket: through(), secureContext: tls.createSecureContext({ ca }) }));
  console.log(await met({ host: "127.0.0.1", port, ca }), await met({ port, ca }));
  console.log(await met({ host: "127.0.0.1", port }));
  server.close();
});
"""


def test_who_calls_itself_twilio_shows_the_mocks_certificate(
    run: "Run", node: str, tmp_path: Path
) -> None:
    """So nobody gets through another proxy to the real one, whatever roots he brings.

    What a program has on its own loopback is its own: it trusts whom it did, by a variable too.
    """
    other = make_authority(NOW)
    leaf = make_leaf(other, "api.twilio.com", NOW)
    (tmp_path / "other.pem").write_bytes(other.public)
    (tmp_path / "leaf.pem").write_bytes(leaf.secret)
    own = {"NODE_EXTRA_CA_CERTS": str(tmp_path / "other.pem")}
    ended = run("--", node, "-e", PRETENDING, **own)
    *refused, own_roots, variable = ended.out.splitlines()
    assert len(refused) == 2, ended.err
    assert set(refused) <= {"UNABLE_TO_VERIFY_LEAF_SIGNATURE", "SELF_SIGNED_CERT_IN_CHAIN"}
    assert (own_roots, variable) == ("met met", "met")


def test_a_program_that_cannot_be_belted_says_so(node: str, tmp_path: Path) -> None:
    """And goes on; without the variables of `run` nothing is said, and nothing changes."""
    ended = belted(node, "console.log('ran')", tmp_path, **{CERTIFICATE: "/nowhere/ca.pem"})
    assert (ended.returncode, ended.stdout) == (0, "ran\n")
    assert ended.stderr.startswith("twilio-mockserver: this program has no seatbelt: Error: ENOENT")
    plain = belted(node, "console.log('ran')", tmp_path, **{URL: ""})
    assert (plain.stdout, plain.stderr) == ("ran\n", "")


def test_what_is_required_needs_nothing(node: str) -> None:
    """Nothing but Node's own modules, and is small: every Node program pays for it."""
    text = REQUIRED.read_text(encoding="utf-8")
    names = {part.partition('"')[0] for part in text.split('require("')[1:]}
    assert names == {
        *("dns", "fs", "module", "net", "path", "tls"),
        "child_process",
        "worker_threads",
    }
    assert len(text.splitlines()) < 250
