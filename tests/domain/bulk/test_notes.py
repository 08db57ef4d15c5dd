"""Fields that nobody knows, where they are no note but a fault."""

from itertools import islice
from typing import Any

from mockserver.domain.bulk.gate import Gate
from mockserver.domain.bulk.notes import not_a_field, strangers

PHONE = {"address": "+14155552671", "channel": "PHONE"}


def paths(gate: Gate, document: Any) -> list[tuple[str | int, ...]]:
    """Of all that are unknown, without the turns."""
    return [path for path in strangers(gate.schema, document) if path is not None]


def test_each_has_its_place(gate: Gate) -> None:
    """At every depth that the schema describes, in the document's order; not what is below them."""
    document = {
        "to": [PHONE, PHONE | {"zzz": {"deeper": 1}}, {"addresses": [PHONE | {"Channel": 1}]}],
        "Tags": {},
        "content": {"modules": [{"rcs": {"text": "a", "suggestions": [{"reply": {"x": 1}}]}}]},
        "tags": {"any": "name"},
    }
    assert paths(gate, document) == [
        ("to", 1, "zzz"),
        ("to", 2, "addresses", 0, "Channel"),
        ("Tags",),
        ("content", "modules", 0, "rcs", "suggestions", 0, "reply", "x"),
    ]


def test_what_is_no_object_has_none(gate: Gate) -> None:
    """Whatever stands where an object should be."""
    documents: list[Any] = [[], 5, None, {"to": 5, "content": []}, {"to": [None, [1]]}]
    for document in documents:
        assert paths(gate, document) == []


def test_others_get_a_turn(gate: Gate) -> None:
    """Among ten thousand recipients, every few hundred."""
    document = {"to": [PHONE] * 10_000}
    assert list(strangers(gate.schema, document)) == [None] * 20
    many = strangers(gate.schema, {str(number): 1 for number in range(100_000)})
    assert len(list(islice(many, 3))) == 3


def test_the_fault() -> None:
    """The general code, and the field's own place."""
    found = not_a_field(("to", 1, "zzz"))
    assert (found.code, found.context, found.status) == (20001, "$.to[1].zzz", 400)
    assert found.message == "Invalid parameter: zzz is not a field of this call."
