"""Campaigns that are taken, and those that are not."""

from typing import Final

import pytest

from mockserver.domain.campaigns import CAMPAIGN_USECASES, USECASES, check_campaign
from mockserver.domain.errors import TwilioError
from mockserver.domain.filings import DECIDED, Filing
from mockserver.domain.usecases import SERVICE_USECASES
from mockserver.world.schema_files import load

BRAND: Final = Filing("BN" + "a" * 32, "AC" + "a" * 32)
OTHER: Final = Filing("QE" + "a" * 32, "AC" + "a" * 32)
FORM: Final = {"UsAppToPersonUsecase": "2FA"}


def test_taken() -> None:
    """With an approved brand; with an unknown one, unless that must be known."""
    check_campaign(FORM, BRAND, None, DECIDED, strict=True)
    check_campaign(FORM, None, None, 0, strict=False)


@pytest.mark.parametrize(
    ("usecase", "brand", "other", "strict", "code"),
    [
        ("SPAM", None, OTHER, True, 21720),
        ("2FA", None, OTHER, True, 21717),
        ("2FA", BRAND, OTHER, False, 21717),
        ("2FA", None, OTHER, False, 20409),
    ],
)
def test_not_taken(
    usecase: str, brand: Filing | None, other: Filing | None, strict: bool, code: int
) -> None:
    """The use case comes first, then the brand, then whether there is one already."""
    with pytest.raises(TwilioError) as refused:
        check_campaign({"UsAppToPersonUsecase": usecase}, brand, other, 0, strict=strict)
    assert refused.value.code == code


def test_use_cases() -> None:
    """None twice; a sole proprietor's is taken though it is not listed."""
    codes = [row[0] for row in CAMPAIGN_USECASES]
    assert len(set(codes)) == len(codes) == 20
    assert USECASES - set(codes) == {"SOLE_PROPRIETOR"}


def test_use_cases_of_services() -> None:
    """All that the parameter may say are explained."""
    named = load("messaging/v1/CreateService")["properties"]["Usecase"]["enum"]
    assert [row[0] for row in SERVICE_USECASES] == named
