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


def calls(control: ControlClient) -> list[ApiCall]:
    """The latest API calls, as many as the journal gives at once."""
    return [read(ApiCall, each) for each in listing(control, "requests", 1_000)[0]]


def refused(made: Sequence[ApiCall]) -> Iterator[str]:
    """API calls that were not answered as the program wished, if there were any."""
    wrong = [call for call in made if call.response.status >= 400]
    if wrong:
        yield from section("API calls refused", len(wrong), map(_told, wrong[-SHOWN:]))


def _told(call: ApiCall) -> str:
    message = call.response.body.get("message") if isinstance(call.response.body, dict) else ""
    said = f' "{message}"' if message else ""
    return "\n    ".join([f"{call}{said}", *call.warnings])


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
    others = [one["id"] for one in server.call("GET", "/sandboxes")["sandboxes"]]
    for other in [each for each in others if each != own][-SANDBOXES_ASKED:]:
        document = server.call(
            "GET", f"/sandboxes/{other}/messages", query={"order": "desc", "limit": 3}
        )
        if document["total"]:
            latest = [read(Message, each) for each in document["messages"][::-1]]
            whose = f"meanwhile in sandbox {other}, account {latest[-1].account_sid}"
            yield from section(whose, document["total"], latest)


def mismatch(control: ControlClient, own: str, verdict: Mapping[str, Any]) -> str:
    """Why an assertion failed; `verdict` is the server's."""
    lines = [
        str(verdict.get("explanation") or verdict.get("error", {}).get("message", "")),
        *([f"hint: {verdict['hint']}"] if verdict.get("hint") else []),
        *misses(verdict.get("near_misses") or ()),
        *sent(control, "sent in this sandbox"),
        *refused(calls(control)),
        *elsewhere(control, own),
    ]
    return "\n".join(lines)


def report(control: ControlClient, heading: str) -> str:
    """A failing test's section."""
    made = calls(control)
    posted, posts = listing(control, "callbacks")
    lines = [
        heading,
        *sent(control, "messages"),
        *section("API calls", len(made), map(_told, made[-SHOWN:])),
        *section("webhooks", posts, (read(Callback, each) for each in posted)),
        *_unserved(made),
    ]
    return "\n".join(lines)


def _unserved(made: Sequence[ApiCall]) -> Iterator[str]:
    said = [each for call in made for each in call.warnings if "does not serve" in each]
    if said:
        yield from section("not served", len(said), said[-SHOWN:])
