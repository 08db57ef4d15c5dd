"""A form becomes an object by its schema; what breaks it has Twilio's codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.errors import problem
from mockserver.world.schemas import RequestSchema, request_schemas

SCHEMA = RequestSchema(
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "x-problem-required": {"To": 21604},
        "properties": {
            "To": {"type": "string", "x-empty-is-missing": True, "x-problem": 21211},
            "Body": {"type": "string", "maxLength": 5, "x-problem": 21617},
            "Count": {"type": "integer", "minimum": 1, "x-problem": 21624},
            "Price": {"type": "number", "x-problem": 21627},
            "Flag": {"type": "boolean"},
            "Url": {
                "type": "array",
                "maxItems": 2,
                "items": {"type": "string", "pattern": "^http", "x-problem": 21620},
                "x-problem": 21623,
            },
        },
    }
)


def codes(*pairs: tuple[str, str]) -> list[int]:
    return [breach.code for breach in SCHEMA.read([("To", "x"), *pairs]).breaches]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("Body", "42", "42"),
        ("Count", "42", 42),
        ("Count", "-1", -1),
        ("Count", "+7", 7),
        ("Count", "4.0", "4.0"),
        ("Count", "", ""),
        ("Count", "٤٢", "٤٢"),
        ("Count", "9" * 20, "9" * 20),
        ("Price", "1.5", 1.5),
        ("Price", "much", "much"),
        ("Flag", "true", True),
        ("Flag", "False", False),
        ("Flag", "1", "1"),
        ("Url", "http://x", ["http://x"]),
    ],
)
def test_texts_are_typed(name: str, text: str, value: object) -> None:
    """As the schema has it; what cannot be read stays text, which breaks the schema."""
    read = SCHEMA.read([("To", "x"), (name, text)]).values[name]
    assert read == value
    assert type(read) is type(value)


def test_given_twice() -> None:
    """The last value counts; of an array all, in order."""
    pairs = [("To", "one"), ("Url", "http://a"), ("To", "two"), ("Url", "http://b")]
    assert SCHEMA.read(pairs).values == {"To": "two", "Url": ["http://a", "http://b"]}


def test_empty_may_be_missing() -> None:
    """Where the schema says so; elsewhere an empty text is a text."""
    reading = SCHEMA.read([("To", ""), ("Body", "")])
    assert reading.values == {"Body": ""}
    assert [breach.code for breach in reading.breaches] == [21604]


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([], []),
        ([("Body", "12345")], []),
        ([("Body", "123456")], [21617]),
        ([("Count", "0")], [21624]),
        ([("Count", "many")], [21624]),
        ([("Flag", "perhaps")], [20422]),
        ([("Url", "http://a"), ("Url", "ftp://b")], [21620]),
        ([("Url", "http://a")] * 3, [21623]),
        ([("Count", "0"), ("Body", "123456")], [21617, 21624]),
    ],
)
def test_breaches_have_codes(pairs: list[tuple[str, str]], found: list[int]) -> None:
    """One for each parameter, an array's apart from its items'; 20422 where there is no other."""
    assert sorted(codes(*pairs)) == found


def test_what_has_no_code_is_named() -> None:
    """One 20422 for all of it, in the order in which it was sent."""
    document = {"type": "object", "properties": {n: {"type": "boolean"} for n in "ABC"}}
    [breach] = RequestSchema(document).read([("C", "x"), ("B", "true"), ("A", "")]).breaches
    assert (breach.code, breach.status, breach.text) == (20422, 400, "Invalid Parameter: C, A")


def test_an_unknown_parameter_is_noted() -> None:
    """And ignored, as Twilio does; the nearest name is what was probably meant."""
    reading = SCHEMA.read([("To", "x"), ("Boddy", "Ahoy"), ("Zzzzzz", "1" * 500)])
    assert (reading.values, reading.breaches) == ({"To": "x"}, ())
    assert reading.warnings == (
        "`Boddy` is not a parameter of this call and was ignored: did you mean `Body`?",
        "`Zzzzzz` is not a parameter of this call and was ignored",
    )


def test_a_long_name_is_cut() -> None:
    """A warning is for people."""
    [warning] = SCHEMA.read([("To", "x"), ("Z" * 5_000, "")]).warnings
    assert len(warning) < 200


@given(st.lists(st.tuples(st.sampled_from([*"Q", "To", "Body", "Count", "Url"]), st.text())))
def test_anything_can_be_read(pairs: list[tuple[str, str]]) -> None:
    """Whatever somebody sends, there is a reading of it, and every breach is in the catalogue."""
    reading = SCHEMA.read(pairs)
    assert set(reading.values) <= {"To", "Body", "Count", "Url"}
    assert all(problem(breach.code) == breach for breach in reading.breaches)


def test_the_schemas_of_the_messages_resource(schema: RequestSchema) -> None:
    """They compile, and know what a create is made of."""
    form = [("To", "+14155552671"), ("From", "+15017122661"), ("Body", "Ahoy")]
    reading = schema.read(form)
    assert (reading.values, reading.breaches, reading.warnings) == (dict(form), (), ())
    assert [b.code for b in schema.read([("StatusCallback", "nonsense")]).breaches] == [
        21604,
        21609,
    ]
    names = ("CreateMessage", "ListMessage", "UpdateMessage")
    assert set(request_schemas("api/2010-04-01", names)) == set(names)
