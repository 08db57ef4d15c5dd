"""The report of a run: one HTML page that needs nothing else, no network and no scripts."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from mockserver import __version__
from mockserver.handles.records import ApiCall, Callback, Message
from mockserver.running import wording
from mockserver.running.judging import KINDS
from mockserver.running.seen import Seen
from mockserver.running.summary import gathered, headline, notes

STYLE: Final = """\
:root{color-scheme:light dark;--line:#8884;--bad:#c62828;--good:#2e7d32}
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
nav a{margin-right:1rem}
table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid var(--line);padding:.3rem .6rem .3rem 0;text-align:left;
vertical-align:top}
td{overflow-wrap:break-word}code,pre,td:last-child{overflow-wrap:anywhere}
pre{white-space:pre-wrap;margin:.4rem 0}
.at{white-space:nowrap;font-variant-numeric:tabular-nums}
.bad{color:var(--bad)}.good{color:var(--good)}
summary{cursor:pointer}
bdi{white-space:pre-wrap}
"""

PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>twilio-mockserver: {title}</title>
<style>{style}</style>
</head>
<body>
<h1>twilio-mockserver: {title}</h1>
<nav><a href="#timeline">Timeline</a><a href="#messages">Messages</a><a href="#calls">Calls</a>\
<a href="#webhooks">Webhooks</a></nav>
{body}
<footer><p>twilio-mockserver {version}; times are UTC on the sandbox's clock.</p></footer>
</body>
</html>
"""

GOOD: Final = frozenset({"delivered", "sent", "read", "received"})
BAD: Final = frozenset({"failed", "undelivered"})

EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


ROWS: Final = 1_000
"""Messages, calls and webhooks that are shown, the last of each. A browser can hold a page of
10 MB; a row with all that is known has up to 7 kB."""


def page(seen: Seen, status: int) -> bytes:
    """The whole page, in UTF-8."""
    last = _last(seen)
    parts = (_head(seen, status), _problems(seen), _timeline(last))
    tables = (_messages(last), _calls(last), _webhooks(last))
    body = "\n".join(line for part in (*parts, *tables) for line in part)
    title = escape(headline(seen))
    text = PAGE.format(title=title, style=STYLE, body=body, version=escape(__version__))
    return wording.holdable(text).encode()


def _last(seen: Seen) -> Seen:
    """What there is a row for."""
    return replace(
        seen,
        messages=seen.messages[-ROWS:],
        calls=seen.calls[-ROWS:],
        callbacks=seen.callbacks[-ROWS:],
    )


def _head(seen: Seen, status: int) -> Iterator[str]:
    yield f'<p>The command ended with status <b class="{_mood(status == 0)}">{status}</b>.</p>'
    for note in notes(seen):
        yield f"<p>{escape(note)}</p>"


def _problems(seen: Seen) -> Iterator[str]:
    """What `--fail-on` knows, and calls refused."""
    found = {kind.about: kind.found(seen) for kind in KINDS.values()}
    found["calls refused"] = [wording.refused(each) for each in seen.refused]
    for about, lines in found.items():
        if lines:
            yield f'<h2 class="bad">{escape(about.capitalize())} ({len(lines)})</h2><ul>'
            yield from (f"<li><bdi>{escape(line)}</bdi></li>" for line in gathered(lines))
            yield "</ul>"


# -- what happened when ----------------------------------------------------------------------------


def _timeline(seen: Seen) -> Iterator[str]:
    rows = sorted(_moments(seen), key=lambda row: row[0] or EARLIEST)
    cells = ((_at(at), escape(kind), f"<bdi>{escape(said)}</bdi>") for at, kind, said in rows)
    yield from _section("timeline", "Timeline", ("time", "kind", "what"), cells, len(rows))


def _moments(seen: Seen) -> Iterator[tuple[datetime | None, str, str]]:
    for call in seen.calls:
        yield call.at, "call", wording.call(call)
    for attempt in seen.callbacks:
        yield attempt.at, "webhook", wording.attempt(attempt)
    for message in seen.messages:
        for step in message.timeline:
            code = f" ({step.error_code})" if step.error_code else ""
            yield step.at, "message", wording.plain(f"{message.sid} {step.status}{code}")


# -- tables ----------------------------------------------------------------------------------------


def _messages(seen: Seen) -> Iterator[str]:
    heads = ("time", "from", "to", "status", "text")
    rows = map(_message, seen.messages)
    yield from _section("messages", "Messages", heads, rows, seen.totals.get("messages", 0))


def _message(one: Message) -> Sequence[str]:
    code = f" ({one.error_code})" if one.error_code else ""
    mood = _mood(one.status in GOOD) if one.status in GOOD | BAD else ""
    return (
        _at(one.created_at),
        escape(one.from_ or one.messaging_service_sid or ""),
        escape(one.to),
        f'<span class="{mood}">{escape(one.status + code)}</span>',
        _folded(f"<bdi>{escape(one.body)}</bdi>{escape(wording.place(one))}", one.raw),
    )


def _calls(seen: Seen) -> Iterator[str]:
    heads = ("time", "status", "call")
    rows = map(_call, seen.calls)
    yield from _section("calls", "API calls", heads, rows, seen.totals.get("requests", 0))


def _call(one: ApiCall) -> Sequence[str]:
    status = one.response.status
    said = f"<bdi>{escape(wording.call(one))}</bdi>"
    return (
        _at(one.at),
        f'<span class="{_mood(status < 400)}">{status}</span>',
        _folded(said, one.raw),
    )


def _webhooks(seen: Seen) -> Iterator[str]:
    heads = ("time", "answer", "webhook")
    rows = map(_webhook, seen.callbacks)
    yield from _section("webhooks", "Webhooks", heads, rows, seen.totals.get("callbacks", 0))


def _webhook(one: Callback) -> Sequence[str]:
    good = one.error is None and 200 <= (one.response_status or 0) < 300
    outcome = escape(str(one.response_status or one.error or "no answer"))
    said = f"<bdi>{escape(wording.attempt(one))}</bdi>"
    return _at(one.at), f'<span class="{_mood(good)}">{outcome}</span>', _folded(said, one.raw)


# -- pieces ----------------------------------------------------------------------------------------


def _section(
    name: str, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], total: int
) -> Iterator[str]:
    """A heading and a table; a row's cells are HTML."""
    made = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    count = f"{total}" if len(made) == total else f"the last {len(made)} of {total}"
    yield f'<h2 id="{name}">{title} ({count})</h2>'
    if made:
        yield "<table><tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>"
        yield from (f"<tr>{row}</tr>" for row in made)
        yield "</table>"


def _folded(shown: str, document: Mapping[str, Any]) -> str:
    """A line that unfolds to all that is known."""
    whole = json.dumps(document, ensure_ascii=False, indent=2)
    return f"<details><summary>{shown}</summary><pre><code>{escape(whole)}</code></pre></details>"


def _at(at: datetime | None) -> str:
    return f'<span class="at">{wording.moment(at)}</span>'


def _mood(good: bool) -> str:
    return "good" if good else "bad"
