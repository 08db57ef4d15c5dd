"""`twilio-mockserver run`: unmodified programs send through the mock, and it tells what they sent.

The command is run as its users do: a process that runs another.
"""

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from xml.etree import ElementTree

import pytest

from mockserver.cli import main
from mockserver.cli.run import WAITING
from mockserver.domain.accounts import DEFAULT_SID

if TYPE_CHECKING:
    from tests.doors.conftest import Run

NODE = Path(__file__).parents[1] / "node"
RUN = (sys.executable, "-m", "mockserver", "run")
FORM = "to='+14155552671', from_='+15017122661'"
SEND = f"from twilio.rest import Client\nClient().messages.create({FORM}, body='Ahoy')\n"

Missing = Callable[[str, str], NoReturn]


# -- unmodified programs ---------------------------------------------------------------------------


def test_python_sends_through_the_mock(run: "Run", tmp_path: Path) -> None:
    """A script that uses `Client()` from environment variables; it does not notice."""
    (tmp_path / "script.py").write_text(
        f"{SEND}print(Client().messages.list()[0].body, Client().username)\n"
    )
    ended = run("--", sys.executable, "script.py")
    assert (ended.status, ended.out) == (0, f"Ahoy {DEFAULT_SID}\n")
    assert 'SMS +15017122661 → +14155552671 delivered "Ahoy"' in ended.err
    assert "1 message (1 delivered)" in ended.err


def test_an_api_key_of_the_users_is_replaced(run: "Run") -> None:
    """By one that the mock accepts, strictly too; a region and an edge stay as they are."""
    script = (
        "import os\n"
        "from twilio.rest import Client\n"
        "names = ('TWILIO_API_KEY', 'TWILIO_API_SECRET', 'TWILIO_ACCOUNT_SID')\n"
        "client = Client(*map(os.environ.get, names))\n"
        f"client.messages.create({FORM}, body='Ahoy')\n"
        "service = client.messaging.v1.services.create(friendly_name='Codes')\n"
        "print(service.url.partition('/v1/')[0], Client().messages.list()[0].body)\n"
    )
    ended = run(
        *("--strict-accounts", "--", sys.executable, "-c", script),
        TWILIO_API_KEY="SK" + "a" * 32,
        TWILIO_API_SECRET="real",
        TWILIO_REGION="ie1",
        TWILIO_EDGE="dublin",
    )
    assert ended.out == "https://messaging.dublin.ie1.twilio.com Ahoy\n", ended.err


def test_asynchronous_python_sends_through_the_mock(run: "Run") -> None:
    """Though aiohttp reads no environment; under uvloop, too."""
    script = (
        "import asyncio, uvloop\n"
        "from twilio.http.async_http_client import AsyncTwilioHttpClient\n"
        "from twilio.rest import Client\n"
        "async def main():\n"
        "    async with AsyncTwilioHttpClient() as http:\n"
        "        client = Client(http_client=http)\n"
        f"        made = await client.messages.create_async({FORM}, body='Ahoy')\n"
        "        print(made.body)\n"
        "asyncio.run(main())\n"
        "uvloop.run(main())\n"
    )
    ended = run("--", sys.executable, "-c", script)
    assert (ended.status, ended.out) == (0, "Ahoy\nAhoy\n"), ended.err
    assert "2 messages (2 delivered)" in ended.err


def test_node_sends_through_the_mock(run: "Run", missing: Missing) -> None:
    """Twilio's library, unmodified."""
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules" / "twilio").is_dir():
        missing("node", f"node, and `npm install` in {NODE}")
    script = (
        f"const client = require({str(NODE / 'node_modules' / 'twilio')!r})();\n"
        "client.messages.create({to: '+14155552671', from: '+15017122661', body: 'Ahoy'})\n"
        "  .then((made) => console.log(made.body));\n"
    )
    ended = run("--", node, "-e", script)
    assert (ended.status, ended.out) == (0, "Ahoy\n"), ended.err
    assert "1 message (1 delivered)" in ended.err


JAVA = """\
import java.net.*;
import java.net.http.*;
import java.util.Base64;

public class Probe {
    public static void main(String[] words) throws Exception {
        String sid = System.getenv("TWILIO_ACCOUNT_SID");
        String login = sid + ":" + System.getenv("TWILIO_AUTH_TOKEN");
        String basic = "Basic " + Base64.getEncoder().encodeToString(login.getBytes());
        URI at = URI.create("https://api.twilio.com/2010-04-01/Accounts/" + sid + "/Messages.json");
        HttpRequest request = HttpRequest.newBuilder(at)
            .header("Authorization", basic)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(
                "To=%2B14155552671&From=%2B15017122661&Body=Ahoy"))
            .build();
        System.out.println(HttpClient.newHttpClient()
            .send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
        HttpURLConnection old = (HttpURLConnection) at.toURL().openConnection();
        old.setRequestProperty("Authorization", basic);
        System.out.println(old.getResponseCode());
    }
}
"""


def test_java_sends_through_the_mock(run: "Run", tmp_path: Path, missing: Missing) -> None:
    """Both of the JDK's clients: proxy and roots come by `JAVA_TOOL_OPTIONS`."""
    java = shutil.which("java")
    if java is None:
        missing("java", "there is no java")
    (tmp_path / "Probe.java").write_text(JAVA)
    ended = run("--", java, "Probe.java", NO_PROXY="*.twilio.com,example.org")
    assert (ended.status, ended.out) == (0, "201\n200\n"), ended.err


PHP = """<?php
$account = getenv("TWILIO_ACCOUNT_SID");
$at = "https://api.twilio.com/2010-04-01/Accounts/$account/Messages.json";
$form = "To=%2B14155552671&From=%2B15017122661&Body=Ahoy";
$curl = curl_init($at);
curl_setopt_array($curl, [CURLOPT_HEADER => true, CURLOPT_RETURNTRANSFER => true,
    CURLOPT_USERPWD => $account . ":" . getenv("TWILIO_AUTH_TOKEN"), CURLOPT_POSTFIELDS => $form]);
$parts = explode("\r\n\r\n", (string) curl_exec($curl));
echo $parts[0], "|", json_decode(end($parts))->status, curl_error($curl), "\n";
"""


def test_php_sends_through_the_mock(run: "Run", tmp_path: Path, missing: Missing) -> None:
    """Its libcurl knows no variable for roots; Twilio's library looks for this very first line."""
    php = shutil.which("php")
    if (
        php is None
        or "curl" not in subprocess.run([php, "-m"], capture_output=True, text=True).stdout
    ):
        missing("php", "there is no PHP with curl")
    (tmp_path / "send.php").write_text(PHP)
    ended = run("--", php, "send.php")
    first = "HTTP/1.1 200 Connection established"
    assert (ended.status, ended.out) == (0, f"{first}|queued\n"), ended.err


PERL = """
my ($sid, $token) = @ENV{qw(TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN)};
my $agent = LWP::UserAgent->new;
$agent->credentials("api.twilio.com:443", "Twilio API", $sid, $token);
my $at = "https://api.twilio.com/2010-04-01/Accounts/$sid/Messages.json";
my %form = (To => "+14155552671", From => "+15017122661", Body => "Ahoy");
print $agent->post($at, \\%form)->code, "\\n";
"""


def test_perl_sends_through_the_mock(run: "Run", missing: Missing) -> None:
    """LWP heeds no variables unless another one says so; it shows its login when it is asked."""
    perl = shutil.which("perl")
    words = ("-MLWP::UserAgent", "-MLWP::Protocol::https", "-e")
    if perl is None or subprocess.run([perl, *words, ""], capture_output=True).returncode:
        missing("perl", "there is no Perl with LWP and its https")
    ended = run("--", perl, *words, PERL)
    assert (ended.status, ended.out) == (0, "201\n"), ended.err


def test_a_client_that_goes_past_the_proxy_gets_nowhere(run: "Run") -> None:
    """The program is told by its own error; a program that it starts is belted as well."""
    script = "import socket; socket.getaddrinfo('api.twilio.com', 443)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {script!r}])"
    ended = run("--", sys.executable, "-c", outer)
    assert "keeps this program from the real api.twilio.com" in ended.err


# -- the command -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        (["sh", "-c", "exit 7"], 7, ""),
        (["sh", "-c", "kill -TERM $$"], 143, ""),
        (["no-such-command"], 127, "twilio-mockserver: no-such-command: No such file"),
        (["/"], 126, "twilio-mockserver: /: Permission denied"),
    ],
)
def test_it_ends_as_the_command_does(
    run: "Run", command: list[str], status: int, said: str
) -> None:
    """As a shell would: 128 and more for a signal, 127 for what is not there."""
    ended = run("--", *command)
    assert (ended.status, ended.out) == (status, "")
    assert said in ended.err


def test_the_commands_output_is_its_own(run: "Run") -> None:
    """Standard output holds nothing else; its words and dashes are handed on."""
    ended = run(
        "--seed", "7", "--", "sh", "-c", 'echo "$@"; echo oops >&2', "--", "a b", "--", "-x"
    )
    assert ended.out == "a b -- -x\n"
    assert "oops\n" in ended.err


def test_signals_are_passed_on(start: Callable[..., "subprocess.Popen[str]"]) -> None:
    """Ctrl-C and the like are for the command, which may end in its own way."""
    script = "trap 'echo asked; exit 5' INT TERM; echo ready; while :; do sleep 0.05; done"
    for number in (signal.SIGTERM, signal.SIGINT):
        process = start("--", "sh", "-c", script)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (5, "asked\n"), err


def test_what_a_terminal_sends_is_not_sent_again(
    environ: Mapping[str, str], tmp_path: Path
) -> None:
    """Ctrl-C reaches everybody in its foreground, the command too."""
    with terminal(
        [*RUN, "--", "sh", "-c", "trap 'echo got; exit 5' INT; echo ready; read word"],
        environ,
        tmp_path,
    ) as (process, screen):
        until(screen, b"ready")
        screen.write(b"\x03")
        assert b"got" in until(screen, b"0 messages")
        assert process.wait(60) == 5
    ask = "from mockserver.running.command import in_foreground; print(in_foreground())"
    with terminal([sys.executable, "-c", ask], environ, tmp_path) as (process, screen):
        assert until(screen, b"\n") == b"True\r\n"
        assert process.wait(60) == 0
    elsewhere = subprocess.run(
        [sys.executable, "-c", ask],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert elsewhere.stdout == b"False\n"


@contextmanager
def terminal(
    command: Sequence[str], environ: Mapping[str, str], folder: Path
) -> Iterator[tuple["subprocess.Popen[bytes]", Any]]:
    """A command in the foreground of a terminal, and its screen and keyboard."""
    outer, inner = pty.openpty()
    with os.fdopen(outer, "r+b", buffering=0) as screen, os.fdopen(inner, "r+b", 0) as end:
        process = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL, *command],
            cwd=folder,
            env=environ,
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
        )
        yield process, screen


TAKE_TERMINAL = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)
"""What a shell does for a command in its foreground."""


def until(screen: Any, word: bytes) -> bytes:
    """What a terminal shows, up to a word."""
    said = b""
    while word not in said:
        piece = screen.read(1024)
        assert piece, said
        said += piece
    return said


def test_settings_are_the_servers(run: "Run", tmp_path: Path) -> None:
    """Flags, the settings file, the environment; the command acts as the account that is set up."""
    sid, token = "AC" + "a" * 32, "b" * 32
    (tmp_path / "mockserver.toml").write_text("port = 1\nseed = 7\n")
    show = "import os; print(os.environ['TWILIO_ACCOUNT_SID'], os.environ['TWILIO_AUTH_TOKEN'])"
    words = ("--account", f"{sid}:{token}:Trial", "--strict-accounts", "--")
    ended = run(*words, sys.executable, "-c", f"{show}\n{SEND}", MOCKSERVER_CLOCK="instant")
    assert ended.out == f"{sid} {token}\n"
    assert "21219" in ended.err


def test_a_server_that_does_not_start(run: "Run") -> None:
    """A sentence; the command is not run."""
    ended = run("--scenario", "no-such-scenario", "--", "echo", "ran")
    assert (ended.status, ended.out) == (1, "")
    assert "no-such-scenario" in ended.err
    assert "Traceback" not in ended.err


def test_a_run_within_a_run(run: "Run") -> None:
    """The inner mock is the one that is sent to; the outer one passes other hosts on."""
    ended = run("--", *RUN, "--", sys.executable, "-c", SEND)
    assert ended.status == 0, ended.err
    assert "1 message (1 delivered)" in ended.err
    assert "0 messages" in ended.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run"], "say which command, behind two dashes"),
        (["run", "ls"], "say which command, behind two dashes"),
        (["run", "--seed", "7", "--"], "say which command, behind two dashes"),
        (["run", "--prot", "1", "--", "ls"], "run has no --prot; did you mean --port?"),
        (["run", "--fail-on", "unknown-params", "--", "ls"], "did you mean unknown-parameters?"),
        (["run", "--fail-on", "x", "--", "ls"], "take undelivered-callbacks, unknown-parameters"),
        (["run", "--wait", "soon", "--", "ls"], "a number of seconds up to 3600"),
        (["run", "--wait", "-1", "--", "ls"], "a number of seconds up to 3600"),
    ],
)
def test_wrong_use(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence and status 2; nothing is started."""
    assert main(words) == 2
    assert told in capsys.readouterr().err


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Needs no command."""
    with pytest.raises(SystemExit) as ended:
        main(["run", "--help"])
    assert ended.value.code == 0
    assert "--fail-on KIND,…" in capsys.readouterr().out


# -- what is told, and judged ----------------------------------------------------------------------

BAD = f"""\
import os, requests
{SEND}
login = os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"]
messages = f"https://api.twilio.com/2010-04-01/Accounts/{{login[0]}}/Messages.json"
form = {{"To": "+14155552671", "From": "+15017122661", "Body": "<b>Hi</b>", "Statuscallbak": "x"}}
requests.post(messages, auth=login, data=form)
requests.get("https://verify.twilio.com/v2/Services", auth=login)
Client().messages.create({FORM}, body="Called", status_callback=os.environ["HOOK"])
"""


@pytest.fixture
def hook() -> Iterator[str]:
    """A webhook that refuses."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_error(500)

        def log_message(self, *_: Any) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook"
        server.shutdown()
        thread.join()


def test_all_that_went_wrong_is_told(run: "Run", hook: str, tmp_path: Path) -> None:
    """On standard error, as a page and as JUnit XML; the status is 1, for the program's was 0."""
    kinds = "undelivered-callbacks,unknown-parameters,unserved-operations"
    words = ("--fail-on", kinds, "--report", "run.html", "--junit", "run.xml")
    ended = run(*words, "--", sys.executable, "-c", BAD, HOOK=hook)
    assert ended.status == 1, ended.err
    for told in (
        "3 messages (3 delivered)",
        "webhooks that nobody took",
        f"POST {hook} ",
        "`Statuscallbak` is not a parameter of this call and was ignored: did you mean",
        "GET verify.twilio.com/v2/Services 404",
        "--fail-on unserved-operations: 1",
        "--fail-on unknown-parameters: 1",
        "--fail-on undelivered-callbacks: ",
    ):
        assert told in ended.err
    page = (tmp_path / "run.html").read_text("utf-8")
    assert "&lt;b&gt;Hi&lt;/b&gt;" in page
    assert "<b>Hi</b>" not in page
    suite = ElementTree.parse(tmp_path / "run.xml").getroot()
    assert suite.get("failures") == "3"


SUITE = f"""\
import os, requests
from mockserver import MockTwilio
for number in range(3):
    with MockTwilio(url=os.environ["TWILIO_MOCKSERVER_URL"], seed=7) as twilio:
        hook = {{"status_callback": os.environ["HOOK"]}} if number == 0 else {{}}
        twilio.client().messages.create({FORM}, body=str(number), **hook)
        twilio.clock.run_until_idle()
        if number == 1:
            form = {{"To": "+14155552671", "From": "+15017122661", "Body": "x", "Bodi": "x"}}
            login = twilio.account_sid, twilio.auth_token
            at = f"https://api.twilio.com/2010-04-01/Accounts/{{login[0]}}/Messages.json"
            requests.post(at, auth=login, data=form)
            twilio.reset()
        if number == 2:
            requests.get("https://verify.twilio.com/v2/Services", auth=("AC" + "1" * 32, "x"))
"""


def test_a_sandbox_for_each_test(run: "Run", hook: str, tmp_path: Path) -> None:
    """Is looked at as well, though it was dropped or reset long before the command ended."""
    kinds = "undelivered-callbacks,unknown-parameters,unserved-operations"
    words = ("--fail-on", kinds, "--report", "run.html", "--junit", "run.xml")
    ended = run(*words, "--", sys.executable, "-c", SUITE, HOOK=hook)
    assert ended.status == 1, ended.err
    assert "4 messages (4 delivered), 5 API calls" in ended.err
    assert "3 dropped or reset before, 0 more at the end" in ended.err
    for told in (
        rf"POST {hook} .*500 in sandbox sb-\w+",
        r"Messages.json 201: `Bodi` is not a parameter .* in sandbox sb-\w+",
        r'delivered "2" in sandbox sb-\w+',
        r"GET verify.twilio.com/v2/Services 404$",
    ):
        assert re.search(told, ended.err, re.MULTILINE), (told, ended.err)
    assert "in sandbox sb-" in (tmp_path / "run.html").read_text("utf-8")
    assert ElementTree.parse(tmp_path / "run.xml").getroot().get("failures") == "3"


def test_a_sandbox_that_is_not_over(run: "Run") -> None:
    """One that lives on, and stands still, is named."""
    script = (
        "import os\nfrom mockserver import MockTwilio\n"
        "url = os.environ['TWILIO_MOCKSERVER_URL']\n"
        "twilio = MockTwilio(url=url, clock='manual')\ntwilio.start()\n"
        f"twilio.client().messages.create({FORM}, body='Ahoy')\n"
        "os._exit(0)\n"
    )
    ended = run("--", sys.executable, "-c", script)
    assert "1 message (1 queued), 1 API call" in ended.err
    assert "not over yet in sandbox sb-" in ended.err
    assert "0 dropped or reset before, 1 more at the end" in ended.err


def test_the_commands_failure_counts_more(run: "Run") -> None:
    """Its own status, whatever else there was."""
    ended = run("--fail-on", "unserved-operations", "--", "sh", "-c", "exit 9")
    assert ended.status == 9


@pytest.mark.parametrize(
    ("clock", "wait", "told"),
    [
        ("manual", "5", "not over yet: 1 event, the next at"),
        ("scaled:0.01", "0.2", "not over yet: 1 event, the next at"),
        ("instant", "5", "1 message (1 delivered)"),
    ],
)
def test_what_is_still_to_come_is_told(run: "Run", clock: str, wait: str, told: str) -> None:
    """A clock that is moved by hand is not moved, and no other is waited for without end."""
    ended = run("--clock", clock, "--wait", wait, "--", sys.executable, "-c", SEND)
    assert ended.status == 0
    assert told in ended.err
    assert ("not over" in ended.err) == (clock != "instant")


@pytest.mark.parametrize("option", ["--report", "--junit"])
@pytest.mark.parametrize(
    ("path", "why"), [("no/such/file", "there is no folder no/such"), (".", "it is a folder")]
)
def test_a_report_that_cannot_be_written(run: "Run", option: str, path: str, why: str) -> None:
    """Is a sentence and status 1, before the command has run for twenty minutes."""
    ended = run(option, path, "--", "echo", "ran")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == f"twilio-mockserver: cannot write {path}: {why}\n"


def test_a_folder_that_the_command_removes(run: "Run", tmp_path: Path) -> None:
    """Is noticed at the end, after all was told."""
    (tmp_path / "made").mkdir()
    ended = run("--report", "made/page.html", "--", "rmdir", "made")
    assert ended.status == 1
    assert (
        "reached the mock\ntwilio-mockserver: cannot write made/page.html: No such file"
        in ended.err
    )


def test_a_warning_is_told_once(run: "Run") -> None:
    """Though the server reads the same variables."""
    ended = run("--", "true", MOCKSERVER_PRT="2010")
    assert ended.err.count("MOCKSERVER_PRT is ignored") == 1


def test_who_does_not_wait_is_told_nonetheless(environ: Mapping[str, str], tmp_path: Path) -> None:
    """Ctrl-C after the command has ended ends the waiting, and nothing else."""
    script = SEND.replace("+14155552671", "+15005569900")  # a slow one: 900 seconds
    options = ("--wait", "600", "--report", "page.html")
    with terminal([*RUN, *options, "--", sys.executable, "-c", script], environ, tmp_path) as (
        process,
        screen,
    ):
        until(screen, WAITING.encode())
        screen.write(b"\x03")
        assert b"not over yet: 1 event" in until(screen, b"clock, now")
        assert process.wait(60) == 0
    assert b"+15005569900" in (tmp_path / "page.html").read_bytes()
