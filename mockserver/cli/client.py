"""`send`, `receive` and `env`: the commands that talk to a running server, or about one."""

import json
import shlex
import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from mockserver.cli.options import Failure, Parser, UsageError, rows

if TYPE_CHECKING:
    from mockserver.config import Target

TARGET: Final = ("config", "url", "account-sid", "auth-token")

MAGIC_SENDER: Final = "+15005550006"
"""A `From` that every account may use. Source: Twilio's docs on test credentials."""

PATIENCE: Final = 10.0
"""Seconds of wall time for one call; the server answers in milliseconds."""


def send(words: Sequence[str]) -> int:
    """Create one message through the REST API; print its SID and status, or Twilio's refusal."""
    parser = Parser(
        "send --to NUMBER --body TEXT [options]",
        "Send a message through a running server.",
        rows(*TARGET),
    )
    parser.add_argument("--to", required=True, metavar="NUMBER", help="who gets it")
    parser.add_argument("--body", required=True, metavar="TEXT", help="what it says")
    parser.add_argument(
        "--from",
        dest="sender",
        default=MAGIC_SENDER,
        metavar="NUMBER",
        help=f"who sends it (default {MAGIC_SENDER}, which every account may use)",
    )
    loaded, given = parser.read(words)
    form = {"To": given.to, "From": given.sender, "Body": given.body}
    return _report(*_create(_reachable(loaded.target), form))


def receive(words: Sequence[str]) -> int:
    """Inbound messages come with a later version."""
    del words
    raise UsageError("this version does not serve inbound messages yet, so there is no `receive`")


def env(words: Sequence[str]) -> int:
    """Print `export` lines for a shell."""
    about = "Print the environment for programs under test, as export lines."
    loaded, _ = Parser("env [options]", about, rows(*TARGET)).read(words)
    target = _reachable(loaded.target)
    print(f"export TWILIO_ACCOUNT_SID={shlex.quote(target.account_sid)}")
    print(f"export TWILIO_AUTH_TOKEN={shlex.quote(target.auth_token)}")
    print(f"# the base URL for your client: {target.url}")
    print(
        "the proxy variables come with a later version: until then, point your client at the "
        "base URL",
        file=sys.stderr,
    )
    return 0


def _reachable(target: "Target") -> "Target":
    if not target.url:
        raise UsageError("port 0 is whatever the server picked: say which one with --url")
    return target


def _create(target: "Target", form: Mapping[str, str]) -> tuple[int, bytes]:
    """POST the message; raises `Failure` when nobody answers."""
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.parse import urlencode
    from urllib.request import ProxyHandler, Request, build_opener

    request = Request(
        f"{target.url}/2010-04-01/Accounts/{target.account_sid}/Messages.json",
        urlencode(form).encode(),
        {"Authorization": _basic(target)},
    )
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()
    except (URLError, OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise Failure(
            f"no server answers at {target.url} ({reason}); start one with "
            "`twilio-mockserver`, or name another with --url"
        ) from error


def _basic(target: "Target") -> str:
    return "Basic " + b64encode(f"{target.account_sid}:{target.auth_token}".encode()).decode()


def _report(status: int, body: bytes) -> int:
    """Print SID and status; raises `Failure` with what was refused."""
    try:
        answer = json.loads(body)
        if status < 400:
            print(answer["sid"], answer["status"])
            return 0
        text = f"error {answer['code']}: {answer['message']} ({answer['more_info']})"
    except (ValueError, KeyError, TypeError):
        text = f"HTTP {status}, and neither Twilio's nor this mock's answer: {body[:200]!r}"
    raise Failure(text)
