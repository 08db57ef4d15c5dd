"""The server as a child process: one a process, left alone by what the test run does to itself."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mockserver import MockTwilio
from mockserver.handles import child
from mockserver.handles.child import CHILDREN, PACKAGE, Child, environment, importable
from mockserver.handles.errors import ServerGone

FROM, TO = "+15017122661", "+15558675310"

PROGRAM = """
import os
from mockserver import MockTwilio
with MockTwilio() as twilio:
    twilio.client().messages.create(to="+15558675310", from_="+15017122661", body="Hi")
    twilio.wait_for_message(status="delivered")
    {more}
"""


def run(more: str, directory: Path, *options: str, **variables: str) -> str:
    """What a program that uses a handle prints."""
    done = subprocess.run(
        [sys.executable, *options, "-c", PROGRAM.format(more=more)],
        cwd=directory,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def gone(pid: int) -> bool:
    """Whether a process that is not ours has ended, in a few seconds at most."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and " Z " in Path(f"/proc/{pid}/stat").read_text():
            return True
        threading.Event().wait(0.05)
    return False


def test_the_child_is_not_the_test_run() -> None:
    """What the run set for itself, or for a server by hand, does not come along; the rest does."""
    outer = {
        "PATH": "/bin",
        "PYTHONPATH": "/somewhere",
        "PYTHONWARNINGS": "error",
        "PYTHONDEVMODE": "1",
        "MOCKSERVER_PORT": "2010",
        "MOCKSERVER_SCENARIO": "carrier-outage",
        "COV_CORE_SOURCE": "x",
        "COVERAGE_PROCESS_START": "y",
        "PYTEST_CURRENT_TEST": "z",
    }
    inner = environment(outer)
    assert inner.pop("PYTHONPATH").split(os.pathsep)[-1] == "/somewhere"
    assert inner == {"PATH": "/bin", "PYTHONSAFEPATH": "1"}


def test_the_child_finds_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a checkout through `PYTHONPATH`; an installed package is found anyway.

    Naming site-packages there would put it before the standard library.
    """
    assert environment({})["PYTHONPATH"] == str(PACKAGE.parent)
    monkeypatch.setattr(child, "PACKAGE", Path("/venv/lib/python3/site-packages/mockserver"))
    assert "PYTHONPATH" not in environment({})


def test_a_process_has_one() -> None:
    """Starting a server costs half a second, so it is shared, by threads too."""
    found: list[Child] = []
    threads = [threading.Thread(target=lambda: found.append(CHILDREN.mine())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in found}) == 1


def test_a_child_that_died_is_replaced(tmp_path: Path) -> None:
    """The next sandbox is on a new server; calls to the old one say that nobody answers."""
    more = """
    import signal
    from mockserver.handle import ServerGone
    from mockserver.handles.child import CHILDREN
    old = CHILDREN.mine()
    os.kill(old._process.pid, signal.SIGKILL)
    old._process.wait()
    try:
        twilio.messages()
    except ServerGone as gone:
        print("gone" if "it ended with status -9" in str(gone) else gone)
    with MockTwilio() as again:
        print(again.messages(), again.base_url != twilio.base_url)
"""
    assert run(more, tmp_path) == "gone\n[] True\n"


def test_one_that_does_not_start_says_why() -> None:
    """Its exit status and what it wrote to standard error."""
    with pytest.raises(ServerGone, match=r"did not start \(exit status 2\): .*seven"):
        Child(("-m", "mockserver", "--port", "seven"))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("first\\n' + 'y' * 5000 + '\\nlast", "last"),
        ("first\\nlast", "first\nlast"),
        ("' + 'y' * 5000 + '", "y" * 4096),
    ],
)
def test_of_many_complaints_the_last_are_told(said: str, told: str) -> None:
    """Whole lines, as far as there are lines."""
    with pytest.raises(ServerGone) as ended:
        Child(("-c", f"import sys; sys.stderr.write('{said}')"))
    assert str(ended.value) == f"the mock server did not start (exit status 0): {told}"


def test_one_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than hanging the test run."""
    monkeypatch.setattr(child, "START_PATIENCE", 0.2)
    with pytest.raises(ServerGone, match=r"did not start .*it said nothing"):
        Child(("-c", "import time; time.sleep(60)"))


def test_its_environment_and_folder_can_be_others(tmp_path: Path) -> None:
    """As `run` has it: the user's own, in which our package is found wherever they are."""
    (tmp_path / "mockserver.toml").write_text("seed = 'seven'\n", encoding="utf-8")
    environ = importable({**os.environ, "MOCKSERVER_PORT": "0"})
    with pytest.raises(ServerGone, match=r"mockserver\.toml: seed: 'seven' is not a whole number"):
        Child(("-m", "mockserver"), environ, tmp_path)
    (tmp_path / "mockserver.toml").unlink()
    other = Child(("-m", "mockserver", "--exit-with-parent"), environ, tmp_path)
    assert other.alive
    other.end()
    assert not other.alive


def test_it_ends_with_its_process(tmp_path: Path) -> None:
    """At a normal end, without a warning about anything left open."""
    more = "from mockserver.handles.child import CHILDREN; print(CHILDREN.mine()._process.pid)"
    pid = int(run(more, tmp_path, "-X", "dev", "-W", "error"))
    assert gone(pid)


def test_it_ends_when_its_process_is_killed(tmp_path: Path) -> None:
    """A killed test run leaves nothing behind."""
    more = """
    from mockserver.handles.child import CHILDREN
    print(CHILDREN.mine()._process.pid, flush=True)
    input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(more=more)],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    assert gone(pid)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_starts_its_own(tmp_path: Path) -> None:
    """Neither the server nor the connections are shared, and the fork's end ends only its own."""
    more = """
    import sys
    mine = twilio.base_url
    if os.fork() == 0:
        assert len(twilio.messages()) == 1
        with MockTwilio() as other:
            print(other.base_url != mine, flush=True)
        sys.exit()
    os.wait()
    print(len(twilio.messages()))
"""
    assert run(more, tmp_path) == "True\n1\n"


def test_the_working_directory_is_no_matter(tmp_path: Path) -> None:
    """A settings file and modules that lie there are not the server's; it may change, and go."""
    (tmp_path / "mockserver.toml").write_text("port = 1\nunheard_of = 2\n")
    (tmp_path / "json.py").write_text("raise SystemExit('not the json you want')\n")
    room = tmp_path / "room"
    room.mkdir()
    more = """
    os.rmdir(os.getcwd())
    with MockTwilio() as again:
        print(again.messages())
"""
    (room / "json.py").unlink(missing_ok=True)
    assert run(more, room) == "[]\n"
    assert run("print(1)", tmp_path, "-P") == "1\n"


def test_warnings_as_errors_are_for_the_test_run(tmp_path: Path) -> None:
    """Neither by option nor by variable do they reach the server, nor does a handle cause any."""
    assert run("print(1)", tmp_path, "-W", "error", PYTHONWARNINGS="error") == "1\n"


def test_frozen_time_is_for_the_test_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clocks that stand still, in this process, stop neither the server nor the handle."""
    for name in ("time", "monotonic", "perf_counter"):
        monkeypatch.setattr(time, name, lambda: 1_000_000.0)
    with MockTwilio(clock="real") as twilio:
        twilio.client().messages.create(to=TO, from_=FROM, body="Hi")
        assert twilio.wait_for_message(status="delivered", timeout=10).to == TO
