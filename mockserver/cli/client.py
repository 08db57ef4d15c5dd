"""`send` and `receive`: the commands that put messages through a running server."""

import json
import sys
from argparse import Namespace
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

INBOUND_PATIENCE: Final = 200.0
"""The same for one that waits for a webhook, its redirects included."""


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
    return _report(*_create(reachable(loaded.target), form))


def receive(words: Sequence[str]) -> int:
    """Text a number of the account, as a handset does; print what came back."""
    parser = Parser(
        "receive --from NUMBER --to NUMBER [--body TEXT] [options]",
        "Text a running server's account; its number's webhook is called.",
        rows("config", "url"),
    )
    _add_ends(parser)
    _add_contents(parser)
    loaded, given = parser.read(words)
    target, data = reachable(loaded.target), json.dumps(_text(given)).encode()
    return _replies(*_post(target, "/_mock/inbound", data, {}, INBOUND_PATIENCE))


def _add_ends(parser: Parser) -> None:
    flags = {"--from": ("sender", "who writes"), "--to": ("to", "the number that is written to")}
    for flag, (name, about) in flags.items():
        parser.add_argument(flag, dest=name, required=True, metavar="NUMBER", help=about)
    parser.add_argument(
        "--channel",
        metavar="NAME",
        help="whatsapp, rcs or messenger: put before numbers that name none",
    )


def _add_contents(parser: Parser) -> None:
    parser.add_argument("--body", metavar="TEXT", help="what it says")
    parser.add_argument(
        "--media",
        action="append",
        metavar="FILE|URL",
        help="a picture or another file to attach; may be given several times",
    )
    parser.add_argument(
        "--profile-name", metavar="NAME", help="what the sender is called on WhatsApp"
    )
    parser.add_argument(
        "--button",
        metavar="TEXT[=PAYLOAD]",
        help="the quick reply that is pressed, and what it stands for",
    )
    parser.add_argument(
        "--param",
        action="append",
        metavar="NAME=VALUE",
        help="a further parameter of the webhook; may be given several times",
    )


def _text(given: Namespace) -> dict[str, object]:
    """The body of the call; raises `UsageError` for what cannot be sent."""
    named = ("to", "body", "channel", "profile_name")
    text: dict[str, object] = {"from": given.sender}
    text |= {name: value for name in named if (value := getattr(given, name)) is not None}
    if given.media:
        text["media_urls"] = [word for word in given.media if _is_url(word)]
        text["media"] = [_file(word) for word in given.media if not _is_url(word)]
    if given.button:
        label, equals, payload = given.button.partition("=")
        text["button"] = {"text": label, **({"payload": payload} if equals else {})}
    if given.param:
        text["params"] = dict(map(_pair, given.param))
    return text


def _is_url(word: str) -> bool:
    return "://" in word or word.lower().startswith("data:")


def _file(word: str) -> dict[str, str]:
    from mockserver.handles.texting import attached

    try:
        return attached(word)
    except OSError as problem:
        raise UsageError(f"--media {word}: {problem.strerror or problem}") from None


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise UsageError(f"--param {word}: it is NAME=VALUE")
    return name, value


DONE: Final = {
    "stop": "{handset} gets no more messages from {sender} until it writes START",
    "start": "{handset} gets messages from {sender} again",
    "help": "{handset} asked how to stop messages from {sender}",
}
"""What a keyword did."""


def _replies(status: int, body: bytes) -> int:
    """Print the replies and warnings; raises `Failure` where no webhook has answered."""
    try:
        answer = json.loads(body)
        if status >= 400:
            raise Failure(str(answer["error"]["message"]))
        for reply in answer["replies"]:
            quoted = json.dumps(reply["body"], ensure_ascii=False)
            print(reply["sid"], reply["from"], "→", reply["to"], quoted)
        heeded, warnings, webhook = answer["opt_out"], answer["warnings"], answer["webhook"]
        if heeded:
            print(_done(heeded, answer["message"]))
    except (ValueError, KeyError, TypeError):
        raise _stranger(status, body) from None
    if (webhook is None and not heeded) or (webhook and webhook["error"]):
        raise Failure("; ".join(warnings))
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return 0


def _done(keyword: str, message: Mapping[str, str | None] | None) -> str:
    """In words; the application may have deleted the message meanwhile."""
    known = message or {}
    sender = known.get("messaging_service_sid") or known.get("to") or "this sender"
    return DONE[keyword].format(handset=known.get("from") or "the handset", sender=sender)


def reachable(target: "Target") -> "Target":
    """The same target; raises `UsageError` where nobody knows its port."""
    if not target.url:
        raise UsageError("port 0 is whatever the server picked: say which one with --url")
    return target


def _create(target: "Target", form: Mapping[str, str]) -> tuple[int, bytes]:
    """POST the message."""
    from urllib.parse import urlencode

    path = f"/2010-04-01/Accounts/{target.account_sid}/Messages.json"
    return _post(target, path, urlencode(form).encode(), {"Authorization": _basic(target)})


def _post(
    target: "Target", path: str, data: bytes, headers: dict[str, str], patience: float = PATIENCE
) -> tuple[int, bytes]:
    """Status and body of the answer; raises `Failure` when nobody answers."""
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import ProxyHandler, Request, build_opener

    request = Request(f"{target.url}{path}", data, headers)
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=patience) as answer:
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
        raise _stranger(status, body) from None
    raise Failure(text)


def _stranger(status: int, body: bytes) -> Failure:
    return Failure(f"HTTP {status}, and neither Twilio's nor this mock's answer: {body[:200]!r}")
