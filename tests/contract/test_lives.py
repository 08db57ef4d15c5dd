"""Lives of messages in any order of calls: what was answered 201 is there until it is deleted."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage

ME, YOU, SERVICE = "+15017122661", "+14155552671", "MG" + "a" * 32
START = "2026-12-01T00:00:00Z"
FINAL = frozenset({"delivered", "undelivered", "failed", "canceled", "read"})
GONE = (404, 20404)

FORMS: tuple[dict[str, Any], ...] = (
    {},
    {"To": "+15005560003"},
    {"To": "+15005560001"},
    {"To": "+15005568000"},
    {"To": "+15005569030"},
    {"To": "whatsapp:+15005568001", "From": f"whatsapp:{ME}"},
    {"From": SERVICE},
    {"From": SERVICE, "ScheduleType": "fixed", "SendAt": "2026-12-01T00:10:00Z"},
    {"MediaUrl": ["https://example.com/a.png", "https://example.com/b.pdf"]},
    {"MediaUrl": ["http://127.0.0.1:1/a.png"]},
    {"StatusCallback": "http://127.0.0.1:1/status"},
)


class Lives(RuleBasedStateMachine):
    """Creates, updates, deletes, and time that passes, in any order."""

    made = Bundle("made")

    def __init__(self, stage: "MakeStage") -> None:
        super().__init__()
        self.on = stage(start=START)
        self.alive: dict[str, str] = {}
        """The last status that was seen, by SID, in order of creation."""

    def _call(self, method: str, path: str, **form: Any) -> tuple[int, Any]:
        root = self.on.messages_url.removesuffix(".json")
        answer = self.on.client.request(method, f"{root}{path}.json", data=form)
        document = json.loads(answer.text) if answer.text else {}
        refused = answer.status_code >= 400
        return answer.status_code, document["code"] if refused else document

    def _status(self, sid: str) -> str:
        """The message's status now; it never comes back from its end, but to be read."""
        status, document = self._call("GET", f"/{sid}")
        assert status == 200
        before, now = self.alive[sid], str(document["status"])
        assert before not in FINAL or now == before or (before, now) == ("delivered", "read")
        self.alive[sid] = now
        return now

    @rule(target=made, form=st.sampled_from(FORMS), count=st.integers(1, 3))
    def create(self, form: dict[str, Any], count: int) -> str:
        """A few of one kind; the last is handed on. Past its time, nothing can be scheduled."""
        for _ in range(count):
            status, document = self._call(
                "POST", "", **{"To": YOU, "From": ME, "Body": "Ahoy", **form}
            )
            if (status, document) == (400, 35114):
                return ""
            assert status == 201
            sid: str = document["sid"]
            self.alive[sid] = document["status"]
        return sid

    @rule(sid=made)
    def redact(self, sid: str) -> None:
        """Once it was sent, and not before."""
        if sid not in self.alive:
            return
        before = self._status(sid)
        status, answer = self._call("POST", f"/{sid}", Body="")
        if before in FINAL or before == "sent":
            assert (status, answer["body"]) == (200, "")
        else:
            assert (status, answer) == (409, 20009)

    @rule(sid=made)
    def cancel(self, sid: str) -> None:
        """While it is scheduled, and not after."""
        if sid not in self.alive:
            return
        before = self._status(sid)
        status, answer = self._call("POST", f"/{sid}", Status="canceled")
        if before == "scheduled":
            assert (status, answer["status"]) == (200, "canceled")
        else:
            assert (status, answer) == (409, 30409)

    @rule(sid=consumes(made))
    def delete(self, sid: str) -> None:
        """At its end, and an hour after it was sent without a receipt; then it is gone."""
        if sid not in self.alive:
            return
        before = self._status(sid)
        status, answer = self._call("DELETE", f"/{sid}")
        if before in FINAL or (before == "sent" and status == 204):
            assert (status, answer) == (204, {})
            del self.alive[sid]
            assert self._call("GET", f"/{sid}") == GONE
            assert self._call("GET", f"/{sid}/Media") == GONE
            assert self._call("DELETE", f"/{sid}") == GONE
        else:
            assert (status, answer) == (409, 20009)

    @rule(sid=made, outcome=st.sampled_from(["confirmed", "unconfirmed"]))
    def feed_back(self, sid: str, outcome: str) -> None:
        """At any time."""
        if sid in self.alive:
            status, answer = self._call("POST", f"/{sid}/Feedback", Outcome=outcome)
            assert (status, answer["outcome"], answer["message_sid"]) == (200, outcome, sid)

    @rule(seconds=st.sampled_from([0, 0.15, 0.3, 1, 45, 1_000, 4_000]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.on.advance(seconds=seconds)

    @invariant()
    def all_are_there(self) -> None:
        """Listed newest first, and known to the control API."""
        _, page = self._call("GET", "")
        assert [message["sid"] for message in page["messages"]] == [*self.alive][::-1][:50]
        kept = self.on.control("GET", "/messages")["messages"]
        assert [message["sid"] for message in kept] == [*self.alive]

    def teardown(self) -> None:
        """In the end, each has come to its own."""
        self.on.advance(seconds=86_400)
        kept = self.on.control("GET", "/messages")["messages"]
        assert [message["sid"] for message in kept] == [*self.alive]
        unending = {m["sid"] for m in kept if m["to"] == "+15005568000" and m["status"] == "sent"}
        assert {self._status(sid) for sid in self.alive if sid not in unending} <= FINAL


def test_any_life(stage: "MakeStage") -> None:
    """Whatever is done to messages, in whatever order."""

    class Here(Lives):
        def __init__(self) -> None:
            super().__init__(stage)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


@pytest.mark.parametrize("clock", ["instant", "manual"])
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_each_form_is_good(stage: "MakeStage", form: dict[str, Any], clock: str) -> None:
    """What the lives above begin with."""
    on = stage(start=START, clock=clock)
    assert on.create({"To": YOU, "From": ME, "Body": "Ahoy", **form}).status_code == 201
