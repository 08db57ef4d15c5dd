"""What a template must be like: what is missing, languages, types, nulls."""

from typing import Any

import pytest

from mockserver.domain.content.rules import LANGUAGES, check, is_language, without_nulls
from mockserver.domain.errors import TwilioError

TEXT = {"twilio/text": {"body": "x"}}
GOOD = {"language": "en", "types": TEXT}


def code(asked: dict[str, Any], *, new: bool = True) -> int:
    """What it is refused with; 0: nothing."""
    try:
        check(asked, new=new)
    except TwilioError as refused:
        return refused.code
    return 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 0),
        ({"types": None}, 92001),
        ({"types": {}}, 92001),
        ({"types": {}, "language": "xx"}, 92001),
        ({"language": ""}, 92003),
        ({"language": "xx", "types": {"twilio/button": {}}}, 92004),
        ({"language": 7}, 92004),
        ({"variables": {str(n): "x" for n in range(100)}}, 0),
        ({"variables": {str(n): "x" for n in range(101)}}, 92002),
        ({"types": {"twilio/button": {}, **TEXT}}, 92008),
        ({"types": {"twilio/buttons": {}}}, 20001),
        ({"types": ["twilio/text"]}, 20001),
        ({"types": "twilio/text"}, 20001),
    ],
)
def test_what_is_refused(change: dict[str, Any], expected: int) -> None:
    """What is missing first; limits at the limit and one past it."""
    assert code({**GOOD, **change}) == expected


def test_a_change_needs_no_language() -> None:
    """Only types; a language that is given must be one."""
    assert code({"types": TEXT}, new=False) == 0
    assert code({"types": TEXT}) == 92003
    assert code({}, new=False) == 92001
    assert code({"types": TEXT, "language": "english"}, new=False) == 92004


def test_the_text_of_an_unknown_type() -> None:
    """Names the parameter."""
    with pytest.raises(TwilioError, match=r"^Parameter 'types' is invalid$"):
        check({**GOOD, "types": {"twilio/texts": {}}}, new=True)


@pytest.mark.parametrize("language", ["en", "en_US", "pt_BR", "fil", "zh_HK"])
def test_languages(language: str) -> None:
    """With a region or without."""
    assert is_language(language)


@pytest.mark.parametrize("language", ["", "EN", "en-US", "en_us", "en_", "en_USA", "xx", "e", None])
def test_what_is_no_language(language: object) -> None:
    """Also what is written otherwise."""
    assert not is_language(language)


def test_the_codes_of_languages() -> None:
    """Those of ISO 639-1, of which there are about 183, and one that WhatsApp has beside them."""
    assert 180 < len(LANGUAGES) < 190
    assert all(len(each) == 2 for each in LANGUAGES - {"fil"})
    assert {"en", "de", "pt", "zh", "zu", "aa"} < LANGUAGES


def test_nulls_count_as_absent() -> None:
    """At the top, in types, in their buttons; beyond what types have they stay."""
    action = {"title": "Yes", "id": None, "type": "QUICK_REPLY"}
    types = {"twilio/quick-reply": {"body": "x", "actions": [action]}, "twilio/card": None}
    assert without_nulls({"language": None, "types": types}) == {
        "types": {
            "twilio/quick-reply": {
                "body": "x",
                "actions": [{"title": "Yes", "type": "QUICK_REPLY"}],
            }
        }
    }
    deep: Any = None
    for _ in range(20):
        deep = {"x": deep}
    assert without_nulls(deep) == deep
