"""Pages of what has an order of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.errors import TwilioError
from mockserver.domain.events.catalogue import TYPES, EventType
from mockserver.domain.events.pages import cut
from mockserver.domain.paging import PageAsk

EVERY = [*TYPES.values()][:5]
NAMES = [each.name for each in EVERY]


def page(ask: PageAsk, only: str = "") -> tuple[list[str], bool]:
    found, more = cut(EVERY, ask, lambda each: only in each.name)
    return [each.name for each in found], more


def test_there_and_back() -> None:
    """From first to last; the last page says that nothing is behind it."""
    sids = [each.sid for each in EVERY]
    assert page(PageAsk(0, 2)) == (NAMES[:2], True)
    assert page(PageAsk(1, 2, after=sids[1])) == (NAMES[2:4], True)
    assert page(PageAsk(2, 2, after=sids[3])) == (NAMES[4:], False)
    assert page(PageAsk(1, 2, before=sids[4])) == (NAMES[2:4], True)
    assert page(PageAsk(0, 2, before=sids[2])) == (NAMES[:2], True)
    assert page(PageAsk(0, 2, before=sids[0])) == ([], True)


def test_by_number() -> None:
    """Without a token."""
    assert page(PageAsk(1, 2)) == (NAMES[2:4], True)
    assert page(PageAsk(2, 2)) == (NAMES[4:], False)
    assert page(PageAsk(10**18, 1000)) == ([], False)


def test_only_what_fits() -> None:
    """A token may name what does not."""
    [wanted] = [each for each in NAMES if "failed" in each]
    assert page(PageAsk(0, 5), "failed") == ([wanted], False)
    assert page(PageAsk(0, 5, after=EVERY[0].sid), "failed") == ([wanted], False)
    assert page(PageAsk(0, 5, after=EVERY[-1].sid), "failed") == ([], False)


@pytest.mark.parametrize("ask", [PageAsk(after="EZ1"), PageAsk(before="EZ1")])
def test_tokens_that_name_nothing(ask: PageAsk) -> None:
    """21481."""
    with pytest.raises(TwilioError) as refused:
        page(ask)
    assert refused.value.code == 21481


@given(st.lists(st.booleans(), max_size=20), st.integers(1, 7))
def test_any_list(fitting: list[bool], size: int) -> None:
    """Page by page, everything that fits, once, in its order."""
    every = [EventType(str(n), "", "") for n in range(len(fitting))]
    seen: list[str] = []
    ask, more = PageAsk(0, size), True
    while more:
        found, more = cut(every, ask, lambda each: fitting[int(each.name)])
        seen += [each.name for each in found]
        ask = PageAsk(ask.number + 1, size, after=found[-1].sid if found else "")
    assert seen == [str(n) for n, fits in enumerate(fitting) if fits]
