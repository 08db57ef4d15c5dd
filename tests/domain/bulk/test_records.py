"""What a request without fault is read into."""

import gc
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from mockserver.domain.bulk.examine import Verdict
from mockserver.domain.bulk.records import Content, Module, Schedule, Send, SenderChoice

Check = Callable[..., Verdict]

ID = "01h9krwprkeee8fzqspvwy6nq8"


def sent(verdict: Verdict) -> Send:
    """The reading; fails with the faults when there are some."""
    assert isinstance(verdict, Send), verdict
    return verdict


def test_senders(check: Check) -> None:
    """An address, a sender, a pool with its channels in order, or nobody in particular."""
    assert sent(check()).sender is None
    by_address = sent(check(from_={"address": "ACME", "channel": "sms"})).sender
    assert by_address == SenderChoice("ACME", "SMS")
    by_id = sent(check(from_={"senderId": f"comms_sender_{ID}"})).sender
    assert by_id == SenderChoice(sender_id=f"comms_sender_{ID}")
    priority = [{"channel": "sms", "priority": 20}, {"channel": "RCS", "priority": 3}]
    pool = {
        "senderPoolId": f"comms_senderpool_{ID}",
        "channels": {"filterIn": ["SMS", "rcs"], "priority": priority},
    }
    assert sent(check(from_=pool)).sender == SenderChoice(
        pool_id=f"comms_senderpool_{ID}", only=("SMS", "RCS"), order=("RCS", "SMS")
    )


def test_controls_belong_to_pools(check: Check) -> None:
    """Beside an address they have no meaning and are left out."""
    sender = {"address": "ACME", "channel": "SMS", "channels": {"filterIn": ["RCS"]}}
    assert sent(check(from_=sender)).sender == SenderChoice("ACME", "SMS")


def test_content(check: Check) -> None:
    """Text with media, a template, or modules; RCS stays JSON, without what nobody knows."""
    media = [{"url": "https://example.com/a.png"}]
    text = {"text": "Hi {{ name }}", "media": media}
    assert sent(check(content=text)).content == Content("Hi {{ name }}", (media[0]["url"],))
    template = "HX0123456789abcdef0123456789abcdef"
    assert sent(check(content={"contentId": template})).content == Content(template=template)
    rcs = {"text": "Hi", "suggestions": [{"reply": {"text": "Yes", "postbackData": "y", "x": 1}}]}
    kept = {"text": "Hi", "suggestions": [{"reply": {"text": "Yes", "postbackData": "y"}}]}
    modules = [{"sms": text}, {"rcs": rcs}, {"whatsapp": {"text": "Hi"}}]
    assert sent(check(content={"modules": modules})).content.modules == (
        Module("SMS", "Hi {{ name }}", (media[0]["url"],)),
        Module("RCS", rich=msgspec.json.encode(kept)),
        Module("WHATSAPP", "Hi"),
    )


EVENT = {
    "startTime": "2026-12-24T18:00:00Z",
    "endTime": "2026-12-24T17:00:00Z",
    "title": "Dinner",
    "description": "At eight",
}
SUGGESTIONS = [
    {"action": {"text": "Note", "postbackData": "n", "createCalendarEventAction": EVENT}}
]
CARD = {"title": "Dinner", "suggestions": SUGGESTIONS}


@pytest.mark.parametrize(
    ("rcs", "where"),
    [
        ({"text": "Hi", "suggestions": SUGGESTIONS}, ""),
        ({"richCard": {"standaloneCard": {"cardContent": CARD}}}, ".standaloneCard.cardContent"),
        (
            {"richCard": {"carouselCard": {"cardContents": [{"title": "a"}, CARD]}}},
            ".carouselCard.cardContents[1]",
        ),
    ],
)
def test_events_end_after_they_start(check: Check, rcs: dict[str, Any], where: str) -> None:
    """In the suggestions of a message and of every card."""
    verdict = check(content={"modules": [{"rcs": rcs}]})
    assert not isinstance(verdict, Send)
    [fault] = verdict.faults
    card = f".richCard{where}" if where else ""
    event = "suggestions[0].action.createCalendarEventAction"
    assert fault.context == f"$.content.modules[0].rcs{card}.{event}.endTime"


def test_tags_are_kept_as_sent(check: Check) -> None:
    """In their order, with Liquid that is not yet rendered."""
    tags = {"b": "{{ b }}", "a": "1"}
    assert sent(check(tags=tags)).tags == (("b", "{{ b }}"), ("a", "1"))


def test_schedules(check: Check) -> None:
    """Moments and times of the recipient's clock are kept apart."""
    noon = 1_796_126_400_000_000  # 2026-12-01T12:00:00Z
    assert sent(check()).schedule is None
    absolute = sent(check(schedule={"sendAt": ["2026-12-01T13:00:00+01:00"]}))
    assert absolute.schedule == Schedule((noon,), ())
    local = sent(check(schedule={"sendAt": "2026-12-01T12:00:00.000001"}))
    assert local.schedule == Schedule((), (noon + 1,))


def test_a_schedule_is_the_recipients_own_time() -> None:
    """Nine in the morning comes earlier in Berlin than in New York; UTC where nobody knows."""
    nine = 1_796_115_600_000_000  # 2026-12-01T09:00:00, on whatever clock
    hour = 3_600_000_000
    schedule = Schedule(walls=(nine,))
    assert schedule.moment("DE") == nine - hour
    assert schedule.moment("US") == nine + 5 * hour
    assert schedule.moment("") == nine
    both = Schedule(instants=(nine,), walls=(nine,))
    assert both.moment("") == nine
    assert both.moment("DE") is None


def test_the_window_is_that_of_every_recipient(check: Check) -> None:
    """Midnight of the first of December is past in Berlin when it strikes in London."""
    schedule = {"sendAt": ["2026-12-01T00:30:00"]}
    londoner = {"address": "+447700900123", "channel": "PHONE"}
    berliner = {"addresses": [{"address": "+4915112345678", "channel": "WHATSAPP"}]}
    assert isinstance(check(to=[londoner], schedule=schedule), Send)
    verdict = check(to=[londoner] * 1_500 + [berliner], schedule=schedule)
    assert not isinstance(verdict, Send)
    assert [(one.code, one.context) for one in verdict.faults] == [(35114, "$.schedule.sendAt[0]")]


def test_expressions_must_meet_for_every_recipient(check: Check) -> None:
    """A moment and a local time are the same in one country only."""
    schedule = {"sendAt": ["2026-12-02T09:00:00", "2026-12-02T08:00:00Z"]}
    berliner = {"address": "+4915112345678", "channel": "PHONE"}
    assert isinstance(check(to=[berliner], schedule=schedule), Send)
    verdict = check(schedule=schedule)
    assert not isinstance(verdict, Send)
    assert [one.context for one in verdict.faults] == ["$.schedule.sendAt"]


def test_blocks_are_nothing_to_the_collector(check: Check) -> None:
    """Records that exist by the thousand are not tracked, and their columns neither."""
    to = [{"address": f"+1415{5552000 + n}", "channel": "PHONE"} for n in range(1_000)]
    [block] = sent(check(to=to)).blocks
    assert not gc.is_tracked(block)
    assert block.variables == b""
    assert block.all_variables() == [None] * 1_000
    assert block.variables_of(7) == {}
