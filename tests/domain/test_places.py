"""Towns by area code."""

import pytest

from mockserver.domain import regions
from mockserver.domain.places import by_area


def test_every_area_code_has_towns() -> None:
    """Those of the states and provinces, and no others."""
    assert by_area().keys() == regions.by_area().keys()
    assert all(by_area().values())


@pytest.mark.parametrize("area", sorted(by_area()))
def test_towns_are_where_their_area_code_is(area: str) -> None:
    """A postal code of the state has five digits; in Canada there is none. Names are capitals."""
    region = regions.by_area()[area]
    for name, code in by_area()[area]:
        assert name == name.upper()
        assert name.replace(" ", "").replace("'", "").replace("-", "").isalpha()
        assert (len(code), bool(code)) == ((5, True) if region.country == "US" else (0, False))
        assert not code or region.has_postal(code)


def test_no_town_is_there_twice() -> None:
    """Each of an area code is another place, or another part of it."""
    assert all(len(set(towns)) == len(towns) for towns in by_area().values())
