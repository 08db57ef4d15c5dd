"""What happened, in words: for failed assertions and for a failing test's report.

PYTEST_DONT_REWRITE
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from mockserver.handles.connection import ControlClient
from mockserver.handles.records import ApiCall, Callback, Message, read

SHOWN: Final = 10
"""Entries of a kind that are shown, the latest."""

SANDBOXES_ASKED: Final = 20
"""Other sandboxes that are looked into, the newest."""


def listing(control: ControlClient, what: str, limit: int = SHOWN) -> tuple[list[Any], int]:
    """The latest documents of a kind (`messages`, `requests`, `callbacks`) and how many there are.

    Oldest first.
    """
    document = control.call("GET", f"/{what}", query={"order": "desc", "limit": limit})
    return document[what][::-1], document["total"]


def section(title: str, total: int, lines: Iterable[object]) -> Iterator[str]:
    """A heading with a count, and a line for each."""
    shown = [f"  {line}" for line in lines]
    left_out = f", the last {len(shown)}" if len(shown) < total else ""
    yield f"{title} ({total}{left_out}):" if total else f"{title}: none"
    yield from shown


def sent(control: ControlClient, title: str) -> Iterator[str]:
    """The messages of a sandbox."""
    documents, total = listing(control, "messages")
    yield from section(title, total, (read(Message, each) for each in documents))


def calls(control: ControlClient) -> tuple[list[ApiCall], int]:
    """The latest API calls, as many as the journal gives at once, and how many there are."""
    documents, total = listing(control, "requests", 1_000)
    return [read(ApiCall, each) for each in documents], total


def refused(made: Sequence[ApiCall]) -> Iterator[str]:
    """API calls that were not answered as the program wished, if there were any."""
    wrong = [call for call in made if call.response.status >= 400]
    if wrong:
        yield from section("API calls refused", len(wrong), map(_told, wrong[-SHOWN:]))


def _told(call: ApiCall) -> str:
    return "\n    ".join([f"{call}{_reason(call)}", *call.warnings])


def _reason(call: ApiCall) -> str:
    """Twilio's words for an error."""
    try:
        document = call.response.json() if call.error else None
    except ValueError:
        return ""
    return f": {document['message']}" if isinstance(document, dict) else ""


def misses(near: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Near misses field by field, nearest first."""
    for miss in near:
        yield f"nearest miss {miss.get('sid', '')}:"
        for name, difference in miss.get("differences", {}).items():
            expected, actual = difference.get("expected"), difference.get("actual")
            yield f"  {name}: expected {expected!r}, was {actual!r}"


def elsewhere(control: ControlClient, own: str) -> Iterator[str]:
    """What was sent in the other sandboxes of the server: the application may have used another."""
    server = ControlClient(control.pool)
    all_of_them = server.call("GET", "/sandboxes")["sandboxes"]
    busy = [one for one in all_of_them if one["id"] != own and one["messages"]]
    for other in busy[-SANDBOXES_ASKED:]:
        latest, total = listing(ControlClient(control.pool, other["id"]), "messages", 3)
        whose = f"meanwhile in sandbox {other['id']}, account {other['account_sid']}"
        yield from section(whose, total, (read(Message, each) for each in latest))


def mismatch(control: ControlClient, own: str, verdict: Mapping[str, Any]) -> str:
    """Why an assertion failed; `verdict` is the server's."""
    lines = [
        str(verdict.get("explanation") or verdict.get("error", {}).get("message", "")),
        *misses(verdict.get("near_misses") or ()),
        *sent(control, "sent in this sandbox"),
        *refused(calls(control)[0]),
        *elsewhere(control, own),
    ]
    return "\n".join(lines)


def report(control: ControlClient, heading: str) -> str:
    """A failing test's section."""
    made, total = calls(control)
    posted, posts = listing(control, "callbacks")
    lines = [
        heading,
        *sent(control, "messages"),
        *section("API calls", total, map(_told, made[-SHOWN:])),
        *section("webhooks", posts, (read(Callback, each) for each in posted)),
        *_unserved(made),
    ]
    return "\n".join(lines)


def _unserved(made: Sequence[ApiCall]) -> Iterator[str]:
    said = [each for call in made if not call.served for each in call.warnings]
    if said:
        yield from section("not served", len(said), said[-SHOWN:])
