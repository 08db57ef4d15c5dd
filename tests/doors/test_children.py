"""Children that a program under `run` gives an environment of their own: they are belted too.

From outside: programs start others in every way there is, and each asks the mock.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.accounts import DEFAULT_TOKEN
from mockserver.environment import CREDENTIALS, HANDED, INJECTED, REQUIRED, Mock, for_command
from mockserver.injected.twilio_mockserver_children import JOINED, Children

if TYPE_CHECKING:
    from tests.doors.conftest import Run

Missing = Callable[[str, str], NoReturn]

ASK = """
import os, sys, urllib.error, urllib.request
try:
    urllib.request.urlopen("https://api.twilio.com/")
except urllib.error.HTTPError as answer:
    print(sys.argv[1], answer.code, os.environ.get("TWILIO_AUTH_TOKEN"), os.environ.get("OWN"))
"""
"""A child: 404 is what Twilio has there, and the mock; nobody gave it credentials."""

PYTHON = """
import asyncio, os, subprocess, sys, unittest.mock
import uvloop

own = {"OWN": "1"}
python = sys.executable

def child(name):
    return [python, "ask.py", name]

subprocess.run(child("run"), env=own)
subprocess.run(child("bytes"), env={b"OWN": b"1", b"PYTHONPATH": b"/nowhere"})
subprocess.Popen(child("Popen"), -1, None, None, None, None, None, True, False, None, own).wait()
subprocess.run(" ".join(child("shell")), shell=True, env=own)
with unittest.mock.patch.dict(os.environ, own, clear=True):
    subprocess.run(child("emptied"))
os.spawnve(os.P_WAIT, python, child("spawnve"), own)
os.waitpid(os.posix_spawn(python, child("posix_spawn"), own), 0)

async def main(name):
    await (await asyncio.create_subprocess_exec(*child(name), env=own)).wait()

asyncio.run(main("asyncio"))
uvloop.run(main("uvloop"))
os.execle(python, *child("execle"), own)
"""

WAYS = ("run", "bytes", "Popen", "shell", "emptied", "spawnve", "posix_spawn")


def test_children_of_python(run: "Run", tmp_path: Path) -> None:
    """Whatever starts them; what they were given is theirs, and credentials are nobody else's."""
    (tmp_path / "ask.py").write_text(ASK)
    ended = run("--", sys.executable, "-c", PYTHON)
    lines = [f"{way} 404 None 1" for way in (*WAYS, "asyncio", "uvloop", "execle")]
    assert ended.out.splitlines() == lines, ended.err
    assert "10 API calls" in ended.err


NODE_ASK = """
require("https").get("https://api.twilio.com/", (answer) => {
  const { TWILIO_AUTH_TOKEN, OWN } = process.env;
  answer.resume();
  console.log(process.argv[2], answer.statusCode, TWILIO_AUTH_TOKEN, OWN);
});
"""

NODE = """
const { Worker, SHARE_ENV } = require("worker_threads");
const children = require("child_process");
const env = Object.assign(Object.create({ OWN: "1" }), { HTTPS_PROXY: undefined });
const node = process.execPath;
const seen = (_, out) => process.stdout.write(out);
class Own extends Worker {}

console.log(Worker.name, new Own("0", { eval: true, env }) instanceof Worker);
children.spawnSync(node, ["ask.cjs", "spawnSync"], { env, stdio: "inherit" });
seen(0, children.execFileSync(node, ["ask.cjs", "execFileSync"], { env }));
seen(0, children.execSync(`${node} ask.cjs execSync`, { env }));
children.spawn(node, ["ask.cjs", "spawn"], { env, stdio: "inherit" });
children.fork("ask.cjs", ["fork"], { env });
children.exec(`${node} ask.cjs exec`, { env }, seen);
children.execFile(node, ["ask.cjs", "execFile"], { env }, seen);
const worker = { OWN: "1" };
new Worker("./ask.cjs", { argv: ["Worker"], env: worker });
new Own("./ask.cjs", { argv: ["Own"], env: worker, execArgv: [] });
new Worker("./ask.cjs", { argv: ["shared"], env: SHARE_ENV });
"""

EMPTIED = """
const { spawn, spawnSync } = require("child_process");
for (const name of Object.keys(process.env)) delete process.env[name];
process.env.OWN = "1";
spawnSync(process.execPath, ["ask.cjs", "one"], { stdio: "inherit" });
spawn(process.execPath, ["ask.cjs", "two"], { stdio: "inherit" });
"""

BECOMING = """
if (process.execve) process.execve(process.execPath, ["node", "ask.cjs", "new"], { OWN: "1" });
else console.log("old");
"""


@pytest.fixture
def node(missing: Missing) -> str:
    """Node."""
    found = shutil.which("node")
    if found is None:
        missing("node", "it is not installed")
    return found


def test_children_of_node(run: "Run", node: str, tmp_path: Path) -> None:
    """Programs, forks and threads; those that share the program's environment have it whole."""
    (tmp_path / "ask.cjs").write_text(NODE_ASK)
    ended = run("--", node, "-e", NODE)
    first, *lines = ended.out.splitlines()
    assert first == "Worker true", ended.err
    ways = ("spawn", "fork", "exec", "execFile", "spawnSync", "execFileSync", "execSync")
    told = [f"{way} 404 undefined 1" for way in (*ways, "Worker", "Own")]
    shared = f"shared 404 {DEFAULT_TOKEN} undefined"
    assert sorted(lines) == sorted([*told, shared]), ended.err


def test_a_program_that_emptied_its_own_environment(run: "Run", node: str, tmp_path: Path) -> None:
    """Its children get ours nonetheless, as Python's do."""
    (tmp_path / "ask.cjs").write_text(NODE_ASK)
    ended = run("--", node, "-e", EMPTIED)
    assert ended.out.splitlines() == ["one 404 undefined 1", "two 404 undefined 1"], ended.err


def test_a_program_that_becomes_another(run: "Run", node: str, tmp_path: Path) -> None:
    """Where Node can do that; from version 22.15 on."""
    (tmp_path / "ask.cjs").write_text(NODE_ASK)
    ended = run("--", node, "-e", BECOMING)
    assert ended.out in ("new 404 undefined 1\n", "old\n"), ended.err


def test_each_language_belts_the_other(run: "Run", node: str, tmp_path: Path) -> None:
    """And curl gets there by its variables."""
    (tmp_path / "ask.py").write_text(ASK)
    (tmp_path / "ask.cjs").write_text(NODE_ASK)
    python = f"import subprocess; subprocess.run([{node!r}, 'ask.cjs', 'one'], env={{}})"
    assert run("--", sys.executable, "-c", python).out == "one 404 undefined undefined\n"
    script = (
        "const { spawnSync } = require('child_process');"
        f"spawnSync({sys.executable!r}, ['ask.py', 'two'], {{ env: {{}}, stdio: 'inherit' }});"
        "const curl = ['-sw', '%{http_code}', '-o', '/dev/null', 'https://api.twilio.com/'];"
        "console.log(String(spawnSync('curl', curl, { env: {} }).stdout));"
    )
    status = "404" if shutil.which("curl") else "null"
    assert run("--", node, "-e", script).out == f"two 404 None None\n{status}\n"


def test_what_a_child_is_given_stays(run: "Run", node: str) -> None:
    """Options of its own behind ours, and a proxy that it chose; what is wrong stays wrong."""
    script = (
        "const { spawnSync } = require('child_process');"
        "const env = { NODE_OPTIONS: '--max-http-header-size=4321', https_proxy: 'http://own' };"
        "const input = `const { env } = process; console.log(require('http').maxHeaderSize, "
        "env.HTTPS_PROXY, env.https_proxy, env.NODE_OPTIONS.startsWith('--require'))`;"
        "console.log(String(spawnSync(process.execPath, { input, env }).stdout).trim());"
        "for (const bad of ['text', { env: { A: '\\0' } }])"
        "  try { spawnSync('true', [], bad) } catch (error) { console.log(error.code) }"
    )
    ended = run("--", node, "-e", script)
    assert ended.out.splitlines() == [
        "4321 undefined http://own true",
        "ERR_INVALID_ARG_TYPE",
        "ERR_INVALID_ARG_VALUE",
    ], ended.err
    script = (
        "import os, subprocess\n"
        "for bad in ({1: 'a'}, 7, {'a': 1}):\n"
        "    try: subprocess.run(['true'], env=bad)\n"
        "    except Exception as error: print(type(error).__name__)\n"
        "try: os.execve('true', ['true'])\n"
        "except TypeError as error: print('TypeError')\n"
    )
    ended = run("--", sys.executable, "-c", script)
    assert ended.out.split() == ["TypeError", "AttributeError", "TypeError", "TypeError"], ended.err


# -- what is handed on -----------------------------------------------------------------------------

MOCK = Mock("http://localhost:1", "AC1", "token", Path("/ca.pem"), Path("/bundle.pem"))


def test_all_but_credentials_is_handed_on() -> None:
    """What `run` sets, without what was the user's before: a child may have been spared that."""
    outer = {"PYTHONPATH": "/own", "NODE_OPTIONS": "--own", "TWILIO_API_KEY": "SK1"}
    ours = for_command(MOCK, outer, Path("/java.p12"))
    handed = json.loads(ours[HANDED])
    assert handed.keys() == ours.keys() - {*CREDENTIALS, HANDED}
    assert (handed["PYTHONPATH"], handed["NODE_OPTIONS"]) == (
        str(INJECTED),
        f'--require "{REQUIRED}"',
    )
    assert {name for name in handed if handed[name] != ours[name]} == set(JOINED)


HANDS = {"PYTHONPATH": "/ours", "NODE_OPTIONS": "-r ours", "HTTPS_PROXY": "p", "https_proxy": "p"}
NAMES = st.sampled_from([*HANDS, "OWN", HANDED, b"OWN", b"PYTHONPATH", b"HTTPS_PROXY"])


def children() -> Children:
    return Children(HANDED, json.dumps(HANDS))


@given(st.dictionaries(NAMES, st.sampled_from(["", "own", b"own", "/ours"])))
def test_a_childs_environment(env: "Mapping[Any, Any]") -> None:
    """It is as it was, with ours before what is joined; a second time nothing is added."""
    names = {os.fsdecode(name) for name in env}
    if len(names) < len(env):
        return  # the same name twice: whichever the system takes
    before = dict(env)
    given = children().given(env)
    assert env == before
    made = {os.fsdecode(name): os.fsdecode(value) for name, value in given.items()}
    upper = {name.upper() for name in names}
    assert made.keys() == names | {name for name in (*HANDS, HANDED) if name.upper() not in upper}
    for name, value in env.items():
        assert made[os.fsdecode(name)].endswith(os.fsdecode(value))
        assert os.fsdecode(name) in JOINED or given[name] == value
    assert all(HANDS[name] in made[name] for name in JOINED)
    assert children().given(given) is given


@pytest.mark.parametrize("env", [None, 7, {1: "a"}])
def test_what_is_no_environment(env: object) -> None:
    """Is left to whoever complains of it."""
    assert children().given(env) is env
