"""All texts of one message, for each of many recipients."""

from datetime import UTC, datetime

from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.message import Personal, Rendered, compile_message

AT = datetime(2026, 12, 1, tzinfo=UTC)


def personal(text: str, media: list[str], tags: dict[str, str]) -> Personal:
    """A message that is well-formed."""
    found = compile_message(text, media, tags, AT)
    assert isinstance(found, Personal), found
    return found


def test_text_media_and_tags_are_rendered() -> None:
    """One set of variables fills in all three; the names of tags are no templates."""
    message = personal(
        "Hi {{ name }}",
        ["https://example.com/{{ name }}.png", "https://example.com/b.png"],
        {"campaign": "x-{{ name }}", "plain": "y"},
    )
    assert message.render({"name": "Ada"}) == Rendered(
        "Hi Ada",
        ("https://example.com/Ada.png", "https://example.com/b.png"),
        ("campaign", "x-Ada", "plain", "y"),
    )
    assert [template.context for template in message.templates()] == [
        "$.content.text",
        "$.content.media[0].url",
        "$.content.media[1].url",
        "$.tags",
        "$.tags",
    ]


def test_all_that_is_wrong_is_told_at_once() -> None:
    """When it is compiled, and again for each recipient."""
    faults = compile_message("{{ a", ["https://x/{% if %}"], {"t": "{{"}, AT, "$.content.x")
    assert isinstance(faults, list)
    contexts = ["$.content.x.text", "$.content.x.media[0].url", "$.tags"]
    assert [fault.context for fault in faults] == contexts
    message = personal("{{ a }}", ["https://{{ b }}"], {"t": "{{ c }}"})
    found = message.render({"a": "x" * 1_601})
    assert isinstance(found, list)
    assert [fault.code for fault in found] == [21617, 21620, 20001]


def test_a_message_that_is_the_same_for_all_is_rendered_once() -> None:
    """Everybody gets the same record, and its faults are found when it is compiled."""
    message = personal("Hi { you }", ["https://example.com/a"], {"a": "b"})
    assert message.render({"you": "x"}) is message.same
    assert message.same == Rendered("Hi { you }", ("https://example.com/a",), ("a", "b"))
    faults = compile_message("x" * 1_601, ["nowhere"], {}, AT)
    assert isinstance(faults, list)
    assert [(fault.code, fault.context) for fault in faults] == [
        (21617, "$.content.text"),
        (21620, "$.content.media[0].url"),
    ]


def test_a_message_of_media_alone_has_no_text() -> None:
    """The text is empty then, which is no fault."""
    found = personal("", ["https://example.com/{{ a }}"], {}).render({"a": "b"})
    assert found == Rendered("", ("https://example.com/b",), ())


def test_one_bad_recipient_does_not_spoil_the_next() -> None:
    """A fault belongs to the recipient whose variables made it."""
    message = personal("{{ a | divided_by: b }}", [], {})
    [fault] = message.render({"a": "4", "b": "0"})  # type: ignore[misc]
    assert isinstance(fault, Fault)
    assert message.render({"a": "4", "b": "2"}) == Rendered("2", (), ())
