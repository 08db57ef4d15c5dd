"""Checks out of documents, one or several, and what is said of them together."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.matching import BadFilter
from mockserver.world.verifying.acknowledging import Acknowledged
from mockserver.world.verifying.costs import Ceiling, Cost
from mockserver.world.verifying.counting import Count, Rate
from mockserver.world.verifying.ending import Ended
from mockserver.world.verifying.heeding import OptOutsHeeded
from mockserver.world.verifying.ordering import NeverAfter, Order
from mockserver.world.verifying.reading import judge, read
from mockserver.world.verifying.repeats import NoDuplicates
from mockserver.world.verifying.sight import ENDLESS, Window
from mockserver.world.verifying.terms import BadCheck

if TYPE_CHECKING:
    from tests.world.conftest import World

MakeWorld = Callable[..., "World"]
BEGAN = 1_000_000_000_000_000
SECOND = 1_000_000


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({}, Count),
        ({"count": {"exactly": 1}}, Count),
        ({"count": {"at_most": 1, "per": "1m"}}, Rate),
        ({"order": [{}, {}]}, Order),
        ({"never_after": {}}, NeverAfter),
        ({"never_after": 3}, NeverAfter),
        ({"final": True}, Ended),
        ({"acknowledged": True}, Acknowledged),
        ({"no_duplicates": {}}, NoDuplicates),
        ({"opt_outs_heeded": True, "final": False}, OptOutsHeeded),
        ({"cost": {"segments": 1}}, Cost),
    ],
)
def test_kinds(document: Mapping[str, Any], kind: type) -> None:
    """The key that says what a check is decides; one that is false says nothing."""
    [check] = read({**document, "where": {"body": "x"}, "within": {"from": 1}}, BEGAN)
    assert isinstance(check, kind)
    scope: Any = check
    assert scope.scope.where.filters == {"body": "x"}
    assert scope.scope.window == Window(BEGAN + SECOND, ENDLESS)


def test_what_they_say() -> None:
    """Lengths in microseconds, amounts in hundred-thousandths, and what is left out as usual."""
    checks: Any = read(
        {
            "checks": [
                {"count": {"at_most": 2, "per": "1.5s"}},
                {"count": {"at_most": 2, "per": 60, "by": "all"}},
                {"no_duplicates": True},
                {"no_duplicates": {"within": "2h", "body": "any"}},
                {"cost": {"segments": 3, "price": "0.5", "price_each": 2}},
                {"order": [{}, {}], "strict": True},
                {"final": True, "scheduled": True},
                {"never_after": "2001-09-09T01:46:41Z"},
            ]
        },
        BEGAN,
    )
    assert (checks[0].per, checks[0].by) == (1_500_000, "to")
    assert (checks[1].per, checks[1].by, checks[1].at_most) == (60 * SECOND, "all", 2)
    assert (checks[2].within, checks[2].any_body) == (60 * SECOND, False)
    assert (checks[3].within, checks[3].any_body) == (7_200 * SECOND, True)
    assert checks[4].ceiling == Ceiling(3, 50_000, None, 200_000)
    assert (checks[5].strict, checks[6].scheduled) == (True, True)
    assert checks[7].after == BEGAN + SECOND


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            {"final": True, "cost": {"segments": 1}},
            "cost: is another check than `final`: put both into `checks`",
        ),
        ({"strict": True}, "strict: means nothing to `count`"),
        ({"acknowledged": True, "scheduled": True}, "scheduled: means nothing to `acknowledged`"),
        ({"checks": [{}], "final": True}, "final: belongs into one of the `checks`"),
        ({"checks": [{}, {"strict": True}]}, r"checks\[1\].strict: means nothing to `count`"),
        ({"count": {"by": "to", "at_most": 1}}, "count: needs .* `by` goes with `per`"),
        ({"count": {"exactly": 1, "per": 1}}, "count.per: goes with `at_most`"),
        ({"count": {"at_least": 3, "at_most": 2}}, "count: no number is all of this"),
        ({"count": {"exactly": 3, "at_least": 4}}, "count: no number is all of this"),
        ({"final": False}, "final: false asks for nothing: say true, or leave the check out"),
        ({"count": {"per": 1}}, "count.per: goes with `at_most`"),
        ({"count": {"at_most": 1, "per": "soon"}}, "count.per: 'soon' is not a duration"),
        ({"no_duplicates": {"within": 0}}, "no_duplicates.within: must be longer than nothing"),
        ({"cost": {"price": "much"}}, "cost.price: 'much' is not an amount"),
        ({"within": {"from": "2s", "to": "2s"}}, "within: is over before it begins"),
        ({"within": {"from": "now"}}, "within.from: 'now' is no time: use ISO 8601, or a dur"),
        ({"within": {"to": "late"}}, "within.to: 'late' is no time"),
        ({"within": {"to": -1}}, "within.to: -1 is no time"),
        ({"never_after": ""}, "never_after: '' is no time"),
    ],
)
def test_what_cannot_be_checked(document: Mapping[str, Any], said: str) -> None:
    """Is refused with its place and the fix."""
    with pytest.raises(BadCheck, match=f"^{said}") as refusal:
        read(document, BEGAN)
    assert str(refusal.value).startswith(refusal.value.field)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"where": {"body_regex": "("}}, "body_regex"),
        ({"order": [{}, {"boddy": "x"}]}, "order[1].boddy"),
        ({"never_after": {"since": "x"}}, "never_after.since"),
        ({"within": {"from": {"status": "lost"}}}, "within.from.status"),
        ({"checks": [{"where": {"to": 1}}]}, "checks[0].where.to"),
        ({"where": {"channel": "apn"}}, "channel"),
    ],
)
def test_filters_are_refused_with_their_place(document: Mapping[str, Any], field: str) -> None:
    """Also where they name what is no message."""
    with pytest.raises(BadFilter) as refusal:
        read(document, BEGAN)
    assert refusal.value.field == field


async def test_several_at_once(make_world: MakeWorld) -> None:
    """All are judged, and each that does not hold is told in its line."""
    world = make_world("manual")
    await world.create()
    await world.create()
    document = {"checks": [{"final": True}, {"count": {"exactly": 2}}, {"no_duplicates": True}]}
    judgement = await judge(world.sandbox, document)
    assert [each.ok for each in judgement.findings] == [False, True, False]
    heading, first, second = judgement.explanation.split("\n")
    assert heading == "2 of 3 checks do not hold:"
    assert first.startswith("- final: Expected every message")
    assert second.startswith("- no_duplicates: Expected no recipient")
    fine = await judge(world.sandbox, {"checks": [{}, {"count": {"at_least": 1}}]})
    assert (fine.broken, fine.explanation) == ([], "All 2 checks hold.")


async def test_durations_count_from_the_beginning(make_world: MakeWorld) -> None:
    """Of the sandbox's clock, however far it has gone since."""
    world = make_world("manual")
    await world.advance(100)
    await world.create()
    for within, ok in (({"to": "100s"}, False), ({"from": "100s", "to": "101s"}, True)):
        judgement = await judge(world.sandbox, {"within": within})
        assert (not judgement.broken) is ok
