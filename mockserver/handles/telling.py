"""What happened, in words: for failed assertions and for a failing test's report.

PYTEST_DONT_REWRITE
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from mockserver.handles.connection import ControlClient
from mockserver.handles.records import (
    ApiCall,
    Callback,
    Message,
    Notification,
    Operation,
    PushDelivery,
    read,
)

SHOWN: Final = 10
"""Entries of a kind that are shown, the latest."""

TEXT_SHOWN: Final = 200
"""Characters that are shown of a long text."""

FAULTS_SHOWN: Final = 5
"""Faults of one call that are shown, the first."""

UNNAMED: Final = "unnamed"
"""The name of a scenario that came as a document without one."""

SANDBOXES_ASKED: Final = 20
"""Other sandboxes that are looked into, the newest."""


def listing(
    control: ControlClient, what: str, limit: int = SHOWN, **filters: str
) -> tuple[list[Any], int]:
    """The latest documents of a kind (`messages`, `requests`, `callbacks`) and how many there are.

    Oldest first.
    """
    query = {"order": "desc", "limit": limit, **filters}
    document = control.call("GET", f"/{what}", query=query)
    return document[what][::-1], document["total"]


def section(title: str, total: int, lines: Iterable[object]) -> Iterator[str]:
    """A heading with a count, and a line for each."""
    shown = [f"  {line}" for line in lines]
    left_out = f", the last {len(shown)}" if len(shown) < total else ""
    yield f"{title} ({total}{left_out}):" if total else f"{title}: none"
    yield from shown


def sent(control: ControlClient, title: str, **filters: str) -> Iterator[str]:
    """The messages of a sandbox."""
    documents, total = listing(control, "messages", SHOWN, **filters)
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
    """Twilio's words for an error; the Communications API has some for each place."""
    try:
        document = call.response.json() if call.error else None
    except ValueError:
        return ""
    if not isinstance(document, dict):
        return ""
    faults = [_fault(each, call.error) for each in _faults(document)]
    said = str(document.get("message") or "; ".join(faults))
    return f": {said}" if said else ""


def _faults(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Those of the Communications API, a few of them."""
    faults = document.get("errors")
    return faults[:FAULTS_SHOWN] if isinstance(faults, list) else []


def _fault(fault: Mapping[str, Any], known: object) -> str:
    """`$.to[0].address: The address … (21614)`; without a code that is `known`."""
    context, code = fault.get("context", "null"), fault.get("code")
    place = "" if context == "null" else f"{context}: "
    return f"{place}{fault.get('message', '')}{'' if code == known else f' ({code})'}"


def misses(near: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Near misses field by field, nearest first."""
    for miss in near:
        yield f"nearest miss {miss.get('sid', '')}:"
        for name, difference in miss.get("differences", {}).items():
            expected, actual = difference.get("expected"), difference.get("actual")
            yield f"  {name}: expected {expected!r}, was {_was(expected, actual)}"


def _was(expected: object, actual: object) -> str:
    """A value beside the one that was asked for; a long one is cut."""
    shown = repr(actual)
    if len(shown) > TEXT_SHOWN:
        shown = f"{shown[:TEXT_SHOWN]}… ({len(str(actual)):,} characters)"
    texts = isinstance(expected, str) and isinstance(actual, str)
    other_case = texts and str(expected).casefold() in str(actual).casefold()
    return f"{shown}: in another case" if other_case else shown


def elsewhere(control: ControlClient, own: str) -> Iterator[str]:
    """What was sent in the other sandboxes of the server: the application may have used another."""
    server = ControlClient(control.pool)
    all_of_them = server.call("GET", "/sandboxes")["sandboxes"]
    busy = [one for one in all_of_them if one["id"] != own and one["messages"]]
    for other in busy[-SANDBOXES_ASKED:]:
        latest, total = listing(ControlClient(control.pool, other["id"]), "messages", 3)
        whose = f"meanwhile in sandbox {other['id']}, account {other['account_sid']}"
        yield from section(whose, total, (read(Message, each) for each in latest))


def judged(verdict: Mapping[str, Any]) -> Iterator[str]:
    """Each check that does not hold, with its near misses."""
    checks = verdict.get("checks")
    if checks is None:
        yield str(verdict.get("explanation") or verdict.get("error", {}).get("message", ""))
        yield from _nearby(verdict)
        return
    broken = [each for each in checks if not each["ok"]]
    yield f"{len(broken)} of {len(checks)} checks do not hold:"
    for each in broken:
        yield f"- {each['check']}: {each['explanation']}"
        yield from (f"  {line}" for line in _nearby(each))


def _nearby(found: Mapping[str, Any]) -> Iterator[str]:
    """What nearly fits; of a count where that is nothing, what does."""
    near, sids = found.get("near_misses"), found.get("matches")
    yield from misses(near or ())
    if sids and not near and " matched" in str(found.get("explanation")):
        more = found["matched"] - len(sids)
        left_out = f" and {more:,} more" if more > 0 else ""
        yield f"matched: {', '.join(sids)}{left_out}"


def mismatch(control: ControlClient, own: str, verdict: Mapping[str, Any]) -> str:
    """Why an assertion failed; `verdict` is the server's."""
    lines = [
        *judged(verdict),
        *_due(control, verdict),
        *sent(control, "sent in this sandbox"),
        *refused(calls(control)[0]),
        *elsewhere(control, own),
    ]
    return "\n".join(lines)


def _due(control: ControlClient, verdict: Mapping[str, Any]) -> Iterator[str]:
    """That a message has not come so far yet because the clock stands, if it does."""
    lacking = {name for miss in verdict.get("near_misses") or () for name in miss["differences"]}
    if lacking & {"status", "reached"} and "explanation" in verdict:
        clock = control.call("GET", "/clock")
        if clock["mode"] == "manual" and clock["next"]:
            yield (
                f"the clock is manual and stands at {clock['now']}; the next event is due at "
                f"{clock['next']}: clock.advance(…), or clock.run_until_idle()"
            )


def unpushed(control: ControlClient, verdict: Mapping[str, Any]) -> str:
    """Why an assertion about pushes failed; `verdict` is the server's."""
    near = verdict["near_misses"]
    named = [{**miss, "sid": f"{miss['channel']} → {miss['address']}"} for miss in near]
    lines = [
        str(verdict["explanation"]),
        *misses(named),
        *pushes(control, shown=True),
        *notifications(control, shown=True),
        *refused(calls(control)[0]),
    ]
    return "\n".join(lines)


def pushes(control: ControlClient, *, shown: bool = False) -> Iterator[str]:
    """What Notify pushed; where that is nothing, only if that is to be shown."""
    documents, total = listing(control, "push_deliveries")
    if total or shown:
        lines = (read(PushDelivery, each) for each in documents)
        yield from section("push deliveries", total, lines)


def notifications(control: ControlClient, *, shown: bool = False) -> Iterator[str]:
    """What Notify was asked to send, in the same way."""
    documents, total = listing(control, "notifications")
    if total or shown:
        lines = (read(Notification, each) for each in documents)
        yield from section("notifications", total, lines)


def unfinished(control: ControlClient, operation_id: str, refusal: Mapping[str, Any]) -> str:
    """Why a wait for an operation failed; `refusal` is the server's."""
    lines = [
        str(refusal.get("error", {}).get("message", "")),
        *sent(control, "its messages", operation_id=operation_id),
        *refused(calls(control)[0]),
    ]
    return "\n".join(lines)


def operations(control: ControlClient) -> Iterator[str]:
    """The operations of a sandbox, if it has any."""
    documents, total = listing(control, "operations")
    if total:
        yield from section("operations", total, (read(Operation, each) for each in documents))


def report(control: ControlClient, heading: str) -> str:
    """A failing test's section."""
    made, total = calls(control)
    posted, posts = listing(control, "callbacks")
    lines = [
        heading,
        *sent(control, "messages"),
        *operations(control),
        *notifications(control),
        *pushes(control),
        *section("API calls", total, map(_told, made[-SHOWN:])),
        *section("webhooks", posts, (read(Callback, each) for each in posted)),
        *_unserved(made),
        *rules(control),
    ]
    return "\n".join(lines)


def rules(control: ControlClient) -> Iterator[str]:
    """The rules in force: how often each came into play, and which never did; if there are any."""
    document = control.call("GET", "/scenario")
    counts, added = document["counts"], document["added"]
    sections = {name: [*added[name], *document["scenario"].get(name, [])] for name in added}
    known = [rule for section in sections.values() for rule in section]
    if not known:
        return
    name = document["name"]
    named = f" of the scenario {name!r}" if name and name != UNNAMED else ""
    used = [rule for rule in known if counts[rule["id"]]["matched"]]
    yield from section(f"rules{named} that matched", len(used), (_used(r, counts) for r in used))
    for section_name, rules_of in sections.items():
        yield from _unused(section_name, rules_of, counts)


def _unused(
    section_name: str, rules_of: Sequence[Mapping[str, Any]], counts: Mapping[str, Any]
) -> Iterator[str]:
    """The rules of a section that never matched; one before them may have decided about all.

    Of weather nobody can tell: a rule is about some kinds of webhooks, by what it says.
    """
    greedy = ""
    for rule in rules_of:
        count = counts[rule["id"]]
        if not count["matched"]:
            about = f": when {rule['when']}" if "when" in rule else ", though it is about all"
            instead = f"; {greedy!r} before it decided about everything" if greedy else ""
            yield f"  rule {rule['id']!r} never matched{about}{instead}"
        elif not {"when", "times"} & rule.keys() and count["matched"] == count["fired"]:
            greedy = greedy or (rule["id"] if section_name != "weather" else "")


def _used(rule: Mapping[str, Any], counts: Mapping[str, Any]) -> str:
    count = counts[rule["id"]]
    return f"{rule['id']}: matched {count['matched']}, fired {count['fired']}"


def _unserved(made: Sequence[ApiCall]) -> Iterator[str]:
    said = [each for call in made if not call.served for each in call.warnings]
    if said:
        yield from section("not served", len(said), said[-SHOWN:])
