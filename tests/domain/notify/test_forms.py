"""How a form is refused: the order, and the words."""

import pytest

from mockserver.domain.errors import INVALID_FRIENDLY_NAME, TwilioError
from mockserver.domain.message import SECOND
from mockserver.domain.notify.forms import check, check_tags, not_convertible, read_span


def test_what_is_missing_comes_first() -> None:
    """Then what is wrong by name, then what has a code of its own."""
    breaches = (INVALID_FRIENDLY_NAME,)
    with pytest.raises(TwilioError) as refused:
        check("Binding", {"A": 1}, ("A", "B"), ("A",), breaches)
    assert refused.value.message == "Missing required parameter B in the post body"
    with pytest.raises(TwilioError) as refused:
        check("Binding", {"A": 1}, ("A",), ("A",), breaches)
    assert str(refused.value) == str(not_convertible("Binding", "A"))
    with pytest.raises(TwilioError) as refused:
        check("Binding", {"A": 1}, ("A",), (), breaches)
    assert (refused.value.code, refused.value.message) == (20002, "Invalid FriendlyName")
    check("Binding", {"A": 1}, ("A",))


def test_the_words() -> None:
    """As they were answered about a bad `ToBinding`."""
    refused = not_convertible("Notification", "ToBinding")
    assert (refused.status, refused.code) == (400, 20001)
    assert refused.message == (
        "Can not convert incoming parameters to Notification object: "
        "Parameter 'ToBinding' is invalid"
    )


DAY = 86_400 * SECOND


@pytest.mark.parametrize(
    ("filters", "span"),
    [
        ({}, (0, 1 << 62)),
        ({"StartDate": "1970-01-02"}, (DAY, 1 << 62)),
        ({"EndDate": "1970-01-02"}, (0, 2 * DAY - 1)),
        ({"StartDate": "1970-01-02", "EndDate": "1970-01-03"}, (DAY, 3 * DAY - 1)),
        ({"StartDate": "1970-01-02T03:04:05Z"}, (DAY, 1 << 62)),
    ],
)
def test_spans_of_days(filters: dict[str, str], span: tuple[int, int]) -> None:
    """Whole days in UTC, both included; what is not given is open."""
    assert read_span(filters, "Binding") == span


@pytest.mark.parametrize("name", ["StartDate", "EndDate"])
def test_a_day_that_is_none(name: str) -> None:
    """Is refused by its name."""
    with pytest.raises(TwilioError, match=f"Parameter '{name}' is invalid"):
        read_span({name: "yesterday"}, "Binding")


@pytest.mark.parametrize("most", [5, 20])
def test_tags(most: int) -> None:
    """So many pass, one more is refused by name."""
    check_tags("Binding", ["a"] * most, most)
    with pytest.raises(TwilioError, match="to Binding object: Parameter 'Tag' is invalid"):
        check_tags("Binding", ["a"] * (most + 1), most)
