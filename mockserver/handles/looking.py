"""What happened in a sandbox, looked up and asserted. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Unpack

from mockserver.handles import telling
from mockserver.handles.errors import ControlError
from mockserver.handles.filters import (
    CallbackFilters,
    MessageFilters,
    Moment,
    OptOutFilters,
    RequestFilters,
    documented,
    wire,
)
from mockserver.handles.records import ApiCall, Callback, Message, OptOut, read
from mockserver.handles.standing import Standing

MARGIN: Final = 10.0
"""Seconds that a call may take beyond the time that the server was asked to wait."""


class Looking(Standing):
    """Looks into the sandbox."""

    def messages(self, **filters: Unpack[MessageFilters]) -> list[Message]:
        """All messages that match, oldest first."""
        return [read(Message, each) for each in self._all("messages", filters)]

    def last_message(self, **filters: Unpack[MessageFilters]) -> Message:
        """The latest that matches; raise `AssertionError` when there is none."""
        __tracebackhide__ = True
        query = {**wire(filters), "order": "desc", "limit": 1}
        found = self._control.call("GET", "/messages", query=query)["messages"]
        if not found:
            self._verify({"at_least": 1}, wire(filters))
            raise AssertionError("a message that matches came a moment too late")
        return read(Message, found[0])

    def wait_for_message(
        self, *, timeout: float = 5.0, **filters: Unpack[MessageFilters]
    ) -> Message:
        """The first message that matches, at once or as soon as there is one; `status` is reached.

        `timeout` is in seconds of wall time; then raise `AssertionError` with the near misses.
        """
        __tracebackhide__ = True
        wanted = {**wire(filters), "timeout": timeout}
        patience = timeout + MARGIN
        try:
            answer = self._control.call("POST", "/messages/wait", wanted, timeout=patience)
        except ControlError as refusal:
            if refusal.status != 408:
                raise
            text = telling.mismatch(self._control, self.sandbox_id, refusal.document)
            raise AssertionError(text) from None
        return read(Message, answer["messages"][0])

    def assert_sent(
        self,
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        before: Mapping[str, Any] | Moment | None = None,
        after: Mapping[str, Any] | Moment | None = None,
        within: Mapping[str, Mapping[str, Any] | Moment] | None = None,
        **filters: Unpack[MessageFilters],
    ) -> None:
        """Raise `AssertionError`, saying what was sent instead, unless as many match as asked for.

        Without a number at least one must. `status` means that the message has reached it. Only
        what was made `before` or `after` a time counts, on the sandbox's clock, or before or after
        the first message that matches these filters; `within` says both: `{"from": …, "to": …}`.
        """
        __tracebackhide__ = True
        where = _reached(wire(filters))
        bounds = {"exactly": times, "at_least": at_least, "at_most": at_most}
        counts = {name: number for name, number in bounds.items() if number is not None}
        window = _window(before, after, within)
        for name, number in (counts or {"at_least": 1}).items():
            self._judge({"where": where, "count": {name: number}, **window})

    def assert_not_sent(
        self,
        *,
        before: Mapping[str, Any] | Moment | None = None,
        after: Mapping[str, Any] | Moment | None = None,
        within: Mapping[str, Mapping[str, Any] | Moment] | None = None,
        **filters: Unpack[MessageFilters],
    ) -> None:
        """Raise `AssertionError` when any message matches; times and order as in `assert_sent`."""
        __tracebackhide__ = True
        window = _window(before, after, within)
        self._judge({"where": _reached(wire(filters)), "count": {"exactly": 0}, **window})

    def requests(self, **filters: Unpack[RequestFilters]) -> list[ApiCall]:
        """The API calls that the journal holds, oldest first."""
        return [read(ApiCall, each) for each in self._all("requests", filters)]

    def callbacks(self, **filters: Unpack[CallbackFilters]) -> list[Callback]:
        """The attempts to post webhooks that the journal holds, oldest first."""
        return [read(Callback, each) for each in self._all("callbacks", filters)]

    def opt_outs(self, **filters: Unpack[OptOutFilters]) -> list[OptOut]:
        """Who has written STOP to whom, oldest first."""
        return [read(OptOut, each) for each in self._all("opt_outs", filters)]

    def _verify(self, count: Mapping[str, int], where: Mapping[str, object]) -> None:
        __tracebackhide__ = True
        self._judge({"where": where, "count": count})

    def _judge(self, document: Mapping[str, Any]) -> None:
        """Raise `AssertionError` unless the checks hold."""
        __tracebackhide__ = True
        verdict = self._control.call("POST", "/verify", document)
        if not verdict["ok"]:
            raise AssertionError(telling.mismatch(self._control, self.sandbox_id, verdict))

    def _all(self, what: str, filters: Mapping[str, object]) -> Iterator[Any]:
        """Every document of a kind, page by page."""
        query = wire(filters)
        while True:
            page = self._control.call("GET", f"/{what}", query=query)
            yield from page[what]
            if not page.get("next_cursor"):
                return
            query["cursor"] = page["next_cursor"]


def _reached(filters: dict[str, object]) -> dict[str, object]:
    """In assertions a status is one that was reached: a message does not stay `sent` for long."""
    if "status" not in filters:
        return filters
    if "reached" in filters:
        raise TypeError("here status= means reached=; give one of the two")
    others = {name: value for name, value in filters.items() if name != "status"}
    return {**others, "reached": filters["status"]}


def _window(
    before: object, after: object, within: Mapping[str, object] | None
) -> dict[str, dict[str, Any]]:
    """Where a message must have been made, if that is said."""
    ends = {"from": after, "to": before}
    given = {name: end for name, end in ends.items() if end is not None}
    if given and within is not None:
        raise TypeError("within= says both; give it, or before= and after=")
    found = documented(given if within is None else within)
    both = {name: _reached(end) if isinstance(end, dict) else end for name, end in found.items()}
    return {"within": both} if both else {}
