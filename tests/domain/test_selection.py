"""Which sender of a pool a Messaging Service takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.domain.numbers import Number, Service
from mockserver.domain.selection import Candidate, Need, candidate, rank

SERVICE = Service("MG" + "a" * 32, "AC" + "a" * 32)
SHORT, NEW_YORK, SAN_FRANCISCO = "12345", "+12125550123", "+14155550123"
TORONTO, LONDON, BERLIN, FREE = "+14165550123", "+447700900123", "+4915112345678", "+18885550123"
TO_US, TO_UK, TO_FRANCE = "+16285550100", "+447700900999", "+33612345678"
NO_NAMES = ("CA", "US")


def chosen(
    to: str,
    *senders: str | Candidate,
    service: Service = SERVICE,
    channel: str = "sms",
    media: bool = False,
    rcs: bool = False,
    last: str = "",
) -> str:
    """What a pool of these senders uses for a recipient; the first among equals."""
    pool = [one if isinstance(one, Candidate) else candidate(one, None) for one in senders]
    need = Need.of(to, channel, media=media, rcs=rcs)
    ranking = rank(service, pool, need, NO_NAMES)
    return ranking.keep(last) or next(iter(ranking.best), "")


@pytest.mark.parametrize(
    ("to", "senders", "expected"),
    [
        (TO_US, (NEW_YORK, SHORT), SHORT),
        (TO_US, (LONDON, NEW_YORK), NEW_YORK),
        (TO_US, (LONDON, "ACME"), ""),
        (TO_US, (LONDON, FREE), FREE),
        (TO_US, (TORONTO,), TORONTO),
        (TO_UK, (SHORT, NEW_YORK, LONDON, "ACME"), LONDON),
        (TO_UK, (NEW_YORK, "ACME"), "ACME"),
        (TO_UK, (SHORT, BERLIN, NEW_YORK), NEW_YORK),
        (TO_UK, (SHORT, BERLIN, TORONTO), TORONTO),
        (TO_UK, (SHORT, BERLIN), BERLIN),
        (TO_UK, (SHORT, FREE), ""),
        (TO_FRANCE, (), ""),
    ],
)
def test_who_is_taken(to: str, senders: tuple[str, ...], expected: str) -> None:
    """A short code of the country, a number of it, a name, a number of the US, any other."""
    assert chosen(to, *senders) == expected


def test_the_nearest_area_code() -> None:
    """The recipient's own, then one that shares its place (415 and 628), then the first."""
    assert chosen("+12125559999", SAN_FRANCISCO, NEW_YORK) == NEW_YORK
    assert chosen(TO_US, NEW_YORK, SAN_FRANCISCO) == SAN_FRANCISCO
    assert chosen("+13075550100", NEW_YORK, SAN_FRANCISCO) == NEW_YORK


def test_geomatch_is_a_switch() -> None:
    """Without it, the first in the pool's order."""
    service = replace(SERVICE, area_code_geomatch=False)
    assert chosen(TO_US, NEW_YORK, SAN_FRANCISCO, service=service) == NEW_YORK


def test_the_sender_sticks() -> None:
    """The one last used for the recipient, though another one would be nearer."""
    pool = (SAN_FRANCISCO, SHORT, NEW_YORK)
    assert chosen(TO_US, *pool, last=NEW_YORK) == NEW_YORK
    assert chosen(TO_US, *pool) == SHORT
    assert chosen(TO_US, SAN_FRANCISCO, last=NEW_YORK) == SAN_FRANCISCO


def test_a_foreign_sender_sticks_until_there_is_a_domestic_one() -> None:
    """Then the mapping is dropped."""
    assert chosen(TO_UK, BERLIN, NEW_YORK, last=NEW_YORK) == NEW_YORK
    assert chosen(TO_UK, NEW_YORK, LONDON, last=NEW_YORK) == LONDON


def test_pictures_need_a_sender_that_can() -> None:
    """And stay in the US and Canada."""
    plain = candidate(SAN_FRANCISCO, Number(SAN_FRANCISCO, "AC", mms=False))
    assert chosen(TO_US, plain, NEW_YORK, media=True) == NEW_YORK
    assert chosen(TO_US, plain, media=True) == ""
    assert chosen(TO_UK, LONDON, NEW_YORK, media=True) == ""


def test_rich_messages_first() -> None:
    """Where the recipient's device can; before what sticks."""
    assert chosen(TO_US, NEW_YORK, "rcs:brand", rcs=True, last=NEW_YORK) == "rcs:brand"
    assert chosen(TO_US, NEW_YORK, "rcs:brand") == NEW_YORK


@pytest.mark.parametrize("channel", ["whatsapp", "messenger", "rcs"])
def test_a_channel_needs_a_sender_of_its_own(channel: str) -> None:
    """And takes no other."""
    pool = (NEW_YORK, "whatsapp:+14155238886", "messenger:page", "rcs:brand")
    assert chosen(f"{channel}:{TO_US}", *pool, channel=channel).startswith(f"{channel}:")
    assert chosen(f"{channel}:{TO_US}", NEW_YORK, channel=channel) == ""


def test_a_name_for_one_country() -> None:
    """It goes before those for any, and nowhere else."""
    own = candidate("ACME-UK", None, "GB")
    assert chosen(TO_UK, "ACME", own) == "ACME-UK"
    assert chosen(TO_FRANCE, own) == ""
    assert chosen(TO_FRANCE, own, "ACME") == "ACME"


def test_a_short_code_of_another_country() -> None:
    """Is for that country."""
    british = candidate("60006", Number("60006", "AC", country="GB"))
    assert chosen(TO_UK, british, LONDON) == "60006"
    assert chosen(TO_US, british) == ""


SENDERS = st.lists(
    st.sampled_from(
        [SHORT, NEW_YORK, SAN_FRANCISCO, TORONTO, LONDON, BERLIN, FREE, "ACME", "rcs:brand"]
    ),
    unique=True,
)
RECIPIENTS = st.sampled_from([TO_US, TO_UK, TO_FRANCE, "+14165559999"])


@given(SENDERS, RECIPIENTS, st.booleans(), st.booleans(), st.booleans())
def test_any_pool(senders: list[str], to: str, media: bool, rcs: bool, geomatch: bool) -> None:
    """The best are of the pool and get there, and where somebody gets there, there is a best."""
    service = replace(SERVICE, area_code_geomatch=geomatch)
    need = Need.of(to, "sms", media=media, rcs=rcs)
    ranking = rank(service, [candidate(one, None) for one in senders], need, NO_NAMES)
    assert set(ranking.best) <= ranking.usable <= set(senders)
    assert bool(ranking.best) is bool(ranking.usable)
    assert ranking.domestic <= ranking.usable
