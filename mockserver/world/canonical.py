"""The canonical journal: equal for equal runs, so that two of them can be compared as text.

It is made from the documents of the control API. Left out or levelled, and nothing else:

- requests: `duration_ms`; headers that tell of the wall clock, of a length that a port's digits
  change, or of how many calls ran at once (`LEFT_OUT`); a form's body, whose parameters are there;
  the rest of a SID at the end of a body that was cut;
- callbacks: `id` and `at`, which say when the application answered and not what was sent;
  `duration_ms`; `signature` and its header, and the digest of a JSON body in the address; order is
  by due time, message, attempt;
- messages: `sandbox`; their `callbacks`, which are in the list;
- everywhere: AC and SK SIDs are `AC#1`, `AC#2`, `SK#1` in order of appearance, and ports are gone
  from addresses.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from mockserver.domain.paging import AFTER, BEFORE

Document = Mapping[str, Any]

LEFT_OUT: Final = frozenset(
    {
        *("date", "age", "expires", "last-modified", "if-modified-since", "content-length"),
        *("twilio-request-duration", "twilio-concurrent-requests"),
        *("x-twilio-signature", "x-request-start", "traceparent", "tracestate"),
    }
)
"""Headers, in lower case."""

_SID: Final = re.compile(
    rf"(?<![0-9A-Za-z])({AFTER}|{BEFORE})?((AC|SK)[0-9a-fA-F]{{32}})(?![0-9A-Za-z])"
)
"""A SID by itself, or as a page token holds it."""

_CUT_SID: Final = re.compile(r"(?:AC|SK)[0-9a-fA-F]{0,31}$")
"""What a cut at 4 kB may leave of a SID, which could not be levelled."""

_PORT: Final = re.compile(
    r"((?:(?://|%2F%2F)(?:[^\s/?#@]*@)?|(?<![\w.-]))"
    r"(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\])"
    r"|(?://|%2F%2F)[^\s/?#:@%]+)(?::|%3A)\d{1,5}(?!\d)",
    re.IGNORECASE,
)
"""A port behind a host: any host in an address, else one that cannot be anything else."""

_DIGEST: Final = re.compile(r"[?&]bodySHA256=[0-9a-f]{64}")
"""What signs a JSON body, which has SIDs and ports in it."""

_OF_REQUEST: Final = frozenset({"duration_ms"})
_OF_CALLBACK: Final = frozenset({"id", "at", "duration_ms", "signature"})
_OF_MESSAGE: Final = frozenset({"sandbox", "callbacks", "callbacks_dropped"})


def canonical(
    requests: Iterable[Document], callbacks: Iterable[Document], messages: Iterable[Document]
) -> dict[str, Any]:
    """Requests in the order of their answers, messages in that of their creation."""
    document = {
        "requests": [_request(each) for each in requests],
        "callbacks": [_callback(each) for each in sorted(callbacks, key=_order)],
        "messages": [_without(each, _OF_MESSAGE) for each in messages],
    }
    result: dict[str, Any] = _through(document, Levelled())
    return result


def _order(callback: Document) -> tuple[str, str, int, str, str]:
    """Due time, message, attempt; then what it reports, where two fall together."""
    sid, status = callback["message_sid"] or "", callback["status"] or ""
    return callback["due"], sid, callback["attempt"], status, callback["idempotency_token"]


def _callback(entry: Document) -> dict[str, Any]:
    kept = _without(_headed(entry), _OF_CALLBACK)
    return {**kept, "url": _DIGEST.sub("", kept["url"])}


def _request(entry: Document) -> dict[str, Any]:
    request, response = _headed(entry["request"]), _headed(entry["response"])
    if request["params"]:
        request.pop("body")
    kept = _without(entry, _OF_REQUEST)
    return {**kept, "host": _hostname(kept["host"]), "request": request, "response": response}


def _headed(part: Document) -> dict[str, Any]:
    """Without the headers that differ from run to run."""
    headers = {
        name: _hostname(value) if name.lower() == "host" else value
        for name, value in part["headers"].items()
        if name.lower() not in LEFT_OUT
    }
    cut = {"body": _CUT_SID.sub("", part["body"])} if part.get("truncated") else {}
    return {**part, "headers": headers, **cut}


def _hostname(host: str) -> str:
    return re.sub(r":\d+$", "", host)


def _without(document: Document, names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


class Levelled:
    """Texts without ports, and with accounts and keys named by their order of appearance."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        return _SID.sub(self._name, _PORT.sub(r"\1", text))

    def _name(self, match: "re.Match[str]") -> str:
        token, sid, kind = match.groups(default="")
        if sid not in self._names:
            number = 1 + sum(name.startswith(kind) for name in self._names.values())
            self._names[sid] = f"{kind}#{number}"
        return token + self._names[sid]


def _through(value: Any, level: Callable[[str], str]) -> Any:
    """Every text in a document as `level` has it, in the document's order."""
    if isinstance(value, str):
        return level(value)
    if isinstance(value, Mapping):
        return {level(name): _through(item, level) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_through(item, level) for item in value]
    return value
