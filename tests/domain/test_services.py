"""Parameters of a Messaging Service and their refusals."""

import msgspec
import pytest

from mockserver.domain.errors import INVALID_PARAMETER, MISSING_PARAMETER, TwilioError, problem
from mockserver.domain.numbers import Service
from mockserver.domain.services import FIELDS, changed, check

SERVICE = Service("MG" + "a" * 32, "AC" + "a" * 32, senders=("+15017122661",), created_at=1)


def test_every_parameter_sets_a_field() -> None:
    """Its own, and no other; what a pool holds is none of them."""
    set_by = set(FIELDS.values())
    assert len(set_by) == len(FIELDS)
    assert set_by < set(Service.__struct_fields__)
    assert not set_by & {"sid", "account_sid", "senders", "created_at", "updated_at"}


def test_changed() -> None:
    """What is given, and the time of it."""
    after = changed(SERVICE, {"ValidityPeriod": 60, "StatusCallback": ""}, 5)
    assert after == msgspec.structs.replace(SERVICE, validity_period=60, updated_at=5)


def test_nothing_wrong() -> None:
    """Passes."""
    check({"FriendlyName": "x"}, ())


@pytest.mark.parametrize(
    ("codes", "first"), [((20422, 21624), 21624), ((21624, 21609), 21609), ((21713, 20002), 21713)]
)
def test_which_refusal_wins(codes: tuple[int, ...], first: int) -> None:
    """The order of checks decides; of those without a place in it, the first."""
    with pytest.raises(TwilioError) as refused:
        check({}, map(problem, codes))
    assert refused.value.code == first


def test_texts() -> None:
    """Values of the form fill them in."""
    with pytest.raises(TwilioError, match="The 'StatusCallback' URL me is not a valid URL"):
        check({"StatusCallback": "me"}, (problem(21609),))
    missing = TwilioError(MISSING_PARAMETER, parameter="FriendlyName")
    assert missing.message == "Missing required parameter FriendlyName in the post body"
    assert INVALID_PARAMETER.text == "Invalid Parameter"
