"""Geo permissions: what is shown, and what can be set."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.geo_permissions import (
    HIGH_RISK,
    UNSUPPORTED,
    countries,
    decide,
    permission,
    permissions,
)

NOBODY: frozenset[str] = frozenset()


def test_one_country() -> None:
    """Field for field; an error only where there is a complaint."""
    assert permission("DE", enabled=True) == {
        "country_code": "DE",
        "type": "country",
        "enabled": True,
        "error_code": 0,
        "error_messages": [],
    }
    refused = permission("DE", enabled=False, complaint="no")
    assert (refused["error_code"], refused["error_messages"]) == (30649, ["no"])


def test_all_countries() -> None:
    """In the order of their codes; those that are closed are told."""
    rows = permissions([], {"DE"})
    assert [row["country_code"] for row in rows] == sorted(countries())
    assert [row["country_code"] for row in rows if not row["enabled"]] == ["DE"]
    assert {"US", "CA", "GB", *HIGH_RISK, *UNSUPPORTED} <= countries()


def test_some_countries() -> None:
    """In the order asked for, once each; unknown ones are left out."""
    rows = permissions(["US", "XX", "DE", "US"], {"DE"})
    assert [(row["country_code"], row["enabled"]) for row in rows] == [("US", True), ("DE", False)]


def wish(code: str, enabled: object = True, **more: object) -> dict[str, Any]:
    return {"country_code": code, "type": "country", "enabled": enabled, **more}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (wish("XX"), "'XX' is not the code of a country"),
        (wish(""), "'' is not the code of a country"),
        ({"enabled": True}, "'' is not the code of a country"),
        (wish("DE", "false"), "type must be 'country', and enabled true or false"),
        ({"country_code": "DE"}, "type must be 'country', and enabled true or false"),
        (wish("DE", type="region"), "type must be 'country', and enabled true or false"),
        (wish("NG", enabled=False), "High risk country permission cannot be updated"),
        (wish("CU"), "Non-supported country permission cannot be updated"),
        (wish("FR"), "The parent account's permission for this country is not enabled"),
    ],
)
def test_what_cannot_be_set(wanted: dict[str, Any], said: str) -> None:
    """The row says why; nothing changes."""
    closed, [row] = decide([wanted], {"IT"}, {"FR"})
    assert closed == {"IT"}
    assert (row["error_code"], row["error_messages"]) == (30649, [said])


def test_small_letters() -> None:
    """A code counts in any case, and comes back in capitals; the type may be left out."""
    closed, [row] = decide([{"country_code": "de", "enabled": False}], NOBODY, NOBODY)
    assert closed == {"DE"}
    assert row == permission("DE", enabled=False)


CODES = st.sampled_from(["US", "DE", "FR", "NG", "CU", "XX", "it"])
WISHES = st.lists(
    st.builds(wish, CODES, st.booleans() | st.none() | st.text(max_size=3)), max_size=8
)


@given(WISHES, st.frozensets(CODES), st.frozensets(CODES))
def test_every_wish_has_its_row(
    wishes: list[dict[str, Any]], own: frozenset[str], inherited: frozenset[str]
) -> None:
    """In order; what was granted last is in force, and nothing else has changed."""
    closed, rows = decide(wishes, own, inherited)
    assert [row["country_code"] for row in rows] == [w["country_code"].upper() for w in wishes]
    granted = {row["country_code"]: row["enabled"] for row in rows if not row["error_code"]}
    assert closed == (own - granted.keys()) | {code for code, on in granted.items() if not on}
    for row in rows:
        assert not (row["enabled"] and row["country_code"] in inherited)
