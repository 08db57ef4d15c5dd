"""What is told of a run: lines for a terminal, a page, JUnit XML."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.handles.records import ApiCall, Callback, HttpResponse, Message
from mockserver.running import wording
from mockserver.running.cases import cases
from mockserver.running.judging import KINDS
from mockserver.running.page import ROWS, page
from mockserver.running.seen import Clock, Seen
from mockserver.running.summary import SHOWN, headline, news, notes, summary

# -- lines -----------------------------------------------------------------------------------------


def test_a_good_run_is_told_in_two_lines(good: Seen) -> None:
    """How many there were, and each message."""
    assert list(summary(good)) == [
        "twilio-mockserver: 1 message (1 delivered), 1 API call, 1 webhook call",
        '  SMS +15017122661 → +14155552671 delivered "Ahoy"',
    ]


def test_a_bad_run_is_told_in_full(bad: Seen) -> None:
    """Each kind of thing under its own heading."""
    lines = list(summary(bad))
    assert lines[0] == (
        "twilio-mockserver: 2 messages (1 delivered, 1 failed), 3 API calls, 2 webhook calls"
    )
    text = "\n".join(lines)
    for told in (
        "  calls refused (1):\n    POST api.twilio.com/2010-04-01/X.json 400 error 21211: Invalid",
        "  webhooks that nobody took (1):\n    delivered of SM1 → POST http://app/hook (attempt 2)",
        "  parameters that Twilio does not know (1):\n    POST api.twilio.com/<script>",
        "  calls that this mock does not serve (1):\n    POST verify.twilio.com/v2/Services 404",
        "  still to come: 2 events, the next at 2026-12-01T21:00:00Z (real clock",
        "  not over yet in sandbox sb-1: 1 event, the next at then (manual clock, now now)",
        "  in the sandbox default, and in others: 2 dropped or reset before, 1 more at the end",
    ):
        assert told in text


def test_other_sandboxes_are_named() -> None:
    """But not the one that is always there."""
    for sandbox, place in ((None, ""), ("default", ""), ("sb-1", " in sandbox sb-1")):
        raw = {"sandbox": sandbox} if sandbox else {}
        message = wording.message(Message(channel="sms", to="+1", status="sent", raw=raw))
        assert message == f'SMS  → +1 sent ""{place}'
        call = ApiCall(method="GET", host="h", path="/p", response=HttpResponse(404), raw=raw)
        assert wording.call(call) == f"GET h/p 404{place}"
        attempt = Callback(kind="inbound", method="POST", url="http://x", raw=raw)
        assert wording.attempt(attempt) == f"inbound → POST http://x no answer{place}"


def test_messages_of_those_gone_are_counted() -> None:
    """Whatever became of them, though they are not shown."""
    known = [Message(status="delivered")]
    seen = Seen(known, totals={"messages": 9}, unshown={"failed": 2, "delivered": 1})
    assert headline(seen) == "9 messages (of the last 4: 2 delivered, 2 failed)"


def test_strangers_cannot_talk_to_the_terminal(bad: Seen) -> None:
    """Neither escapes nor lines of their own."""
    for line in [*summary(bad), *news(bad, "\x1b[2Jhello\x07")]:
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line)


@given(st.text())
def test_any_body_stays_on_its_line(body: str) -> None:
    """Whatever somebody writes."""
    line = wording.message(Message(channel="sms", to="+1", body=body))
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", line)


def test_of_many_the_last_are_shown(good: Seen) -> None:
    """And how many there were before them."""
    many = [replace(good.messages[0], sid=f"SM{number}") for number in range(SHOWN + 5)]
    seen = replace(good, messages=many, totals={"messages": SHOWN + 7})
    lines = list(summary(seen))
    assert lines[0].endswith(f"{SHOWN + 7} messages (of the last {SHOWN + 5}: 25 delivered)")
    assert lines[1] == "  … 7 before"
    assert len(lines) == 2 + SHOWN


def test_what_the_program_deleted_was_sent_too(good: Seen) -> None:
    """It is in no list any more; a call that deleted nothing does not count."""
    deleted = [
        ApiCall(operation="api.v2010.DeleteMessage", response=HttpResponse(status))
        for status in (204, 404, 204)
    ]
    line, *_ = summary(replace(good, calls=deleted, totals={"messages": 1}))
    assert line == "twilio-mockserver: 1 message (1 delivered), 2 deleted"


def test_what_happens_again_is_told_once(bad: Seen) -> None:
    """A wrong parameter in a loop does not hide the other; the page does the same."""
    seen = replace(bad, calls=[bad.unserved[0]] * SHOWN + [bad.refused[0]] * 2 + [bad.unserved[0]])
    lines = list(summary(seen))
    at = lines.index(f"  calls that this mock does not serve ({SHOWN + 1}):")
    assert lines[at + 1] == f"    POST verify.twilio.com/v2/Services 404 ({SHOWN + 1} times)"
    assert sum(line.endswith("(2 times)") for line in lines) == 1
    assert f"/v2/Services 404 ({SHOWN + 1} times)" in Outline(page(seen, 0).decode()).text


def test_nothing_at_all() -> None:
    """Is one line, and says that the program went elsewhere, if it went anywhere."""
    assert list(summary(Seen())) == ["twilio-mockserver: 0 messages, nothing reached the mock"]


@pytest.mark.parametrize(
    ("clock", "told"),
    [
        (Clock("real", "now", 0, None, True), []),
        (Clock("real", "now", 1, "then", True), ["still to come: 1 event, the next at then"]),
        (Clock("manual", "now", 2, "then", False), ["not over yet: 2 events, the next at then"]),
        (Clock("real", "now", 0, None, False), ["not over yet: a webhook under way"]),
    ],
)
def test_what_is_still_to_come(clock: Clock, told: list[str]) -> None:
    """Appointments wait for their time; what is under way did not come to an end."""
    found = list(notes(Seen(clock=clock)))
    assert [each.rpartition(" (")[0] for each in found] == told


def test_of_the_log_only_news_are_told(bad: Seen) -> None:
    """Each line once; what the summary has is left out."""
    log = (
        "WARNING your program called POST x, which this mock does not serve\n"
        "WARNING a client broke off TLS\n\nWARNING a client broke off TLS\n"
        "WARNING sent of http://app/hook: it hung up\n"
    )
    seen = replace(bad, callbacks=[Callback(error="it hung up")])
    assert news(seen, log) == ["WARNING a client broke off TLS"]
    assert news(seen, "warning: X is ignored\nanother", ["X is ignored"]) == ["another"]


@pytest.mark.parametrize("body", ["", "no JSON", "[]", '{"code": 1}'])
def test_a_refusal_without_words(bad: Seen, body: str) -> None:
    """Is told with what there is."""
    call = replace(bad.calls[0], response=HttpResponse(503, body=body), error=None)
    assert wording.refused(call) == "POST api.twilio.com/2010-04-01/X.json 503"


# -- the page --------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """Tags and attributes of a page, and its text."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("href", "src", "action"):
                self.links.append(value or "")
            if name == "id":
                self.ids.add(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_needs_nothing_else(bad: Seen) -> None:
    """No scripts, nothing from elsewhere; its links lead to its own parts, its tags are closed."""
    outline = Outline(page(bad, 3).decode())
    assert not outline.open
    assert not outline.tags & {"script", "img", "link", "iframe", "form", "svg", "b>"}
    assert {link.removeprefix("#") for link in outline.links} <= outline.ids
    assert all(link.startswith("#") for link in outline.links)


def test_the_page_tells_all(bad: Seen) -> None:
    """Timeline, messages, calls, webhooks, problems; strangers' text is text."""
    text = Outline(page(bad, 3).decode()).text
    for told in (
        "2 messages (1 delivered, 1 failed), 3 API calls, 2 webhook calls",
        "The command ended with status 3.",
        "Timeline (7)",
        "Messages (2)",
        "API calls (3)",
        "Webhooks (2)",
        "Webhooks that nobody took (1)",
        "Calls refused (1)",
        "20:15:01.250",
        "failed (30003)",
        "<script>alert(1)</script>\N{REPLACEMENT CHARACTER}[31m",
        "&amp;\"'",
        "still to come: 2 events",
    ):
        assert told in text


def test_a_page_of_many_has_the_last(good: Seen) -> None:
    """A browser can show it; the headings say how many there were."""
    many = [replace(good.messages[0], body=f"body {number}!") for number in range(ROWS + 1)]
    seen = replace(good, messages=many, totals={"messages": ROWS + 1})
    text = Outline(page(seen, 0).decode()).text
    assert f"Messages (the last {ROWS} of {ROWS + 1})" in text
    assert f"{ROWS + 1} messages" in text
    assert ("body 0!" in text, f"body {ROWS}!" in text) == (False, True)


def test_an_empty_page_is_a_page() -> None:
    """Nothing happened, and it says so."""
    outline = Outline(page(Seen(), 0).decode())
    assert "0 messages" in outline.text
    assert "table" not in outline.tags


@given(st.text(max_size=30))
def test_any_text_is_shown_as_text(text: str) -> None:
    """The page stays whole, and its text is what was written, but for what HTML cannot hold."""
    seen = Seen(messages=[Message(body=text, to=text, status=text)], totals={"messages": 1})
    outline = Outline(page(seen, 0).decode())
    assert not outline.open
    assert wording.holdable(text).replace("\r", "") in outline.text.replace("\r", "")


# -- JUnit -----------------------------------------------------------------------------------------


def test_each_kind_is_a_case(bad: Seen) -> None:
    """Where nobody said which count, all do; so does the command's own status."""
    root = ElementTree.fromstring(cases(bad, [], 3))
    found = {case.get("name"): case.find("failure") for case in root.iter("testcase")}
    assert list(found) == ["command", *KINDS]
    assert (root.get("tests"), root.get("failures")) == ("4", "4")
    failure = found["unserved-operations"]
    assert failure is not None
    assert failure.get("message") == "POST verify.twilio.com/v2/Services 404"
    assert "2 messages" in (root.findtext(".//testsuite/system-out") or "")


def test_what_nobody_wanted_to_fail_on_is_output(bad: Seen) -> None:
    """And no failure."""
    root = ElementTree.fromstring(cases(bad, ["unserved-operations"], 0))
    assert root.get("failures") == "1"
    case = root.find(".//testcase[@name='unknown-parameters']")
    assert case is not None
    assert case.find("failure") is None
    assert "is not a parameter" in (case.findtext("system-out") or "")


def test_a_good_run_has_no_failures(good: Seen) -> None:
    """Four cases, all empty."""
    root = ElementTree.fromstring(cases(good, [], 0))
    assert root.get("failures") == "0"
    assert not [case for case in root.iter("testcase") if len(case)]
