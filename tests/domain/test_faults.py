"""Rules decide by what matches, by chance and by number; outcomes and faults are what they say."""

from collections.abc import Sequence

import pytest

from mockserver.domain.errors import TwilioError
from mockserver.domain.faults import (
    DELIVERY_FIELDS,
    FAULT_FIELDS,
    FINAL_STATUS,
    After,
    Counts,
    DeliveryRule,
    ErrorFault,
    FaultRule,
    Given,
    GivenAccount,
    Scenario,
    StatusFault,
    When,
    decide,
    settled,
)
from mockserver.domain.faults.kinds import read_fault
from mockserver.domain.lifecycle import FINAL, OUTCOMES, Fate, Profile, plan
from mockserver.domain.matching import Matcher

US = {"to": "+14155552671", "body": "Ahoy"}
GERMAN = {"to": "+491701234567", "body": "Ahoy"}


def never() -> float:
    """A roll that must not happen."""
    raise AssertionError("rolled without need")


def rule(name: str, when: When | None = None, times: int | None = None) -> DeliveryRule:
    return DeliveryRule(name, when or When(), "undelivered", 30003, times=times)


def to(pattern: str) -> Matcher:
    return Matcher.compile({"to": pattern}, fields=DELIVERY_FIELDS)


def fired(
    rules: Sequence[DeliveryRule], subjects: Sequence[dict[str, str]]
) -> tuple[list[str | None], Counts]:
    """Which rule decides for each subject, the counts being kept as a caller keeps them."""
    counts: dict[str, int] = {}
    decided = []
    for subject in subjects:
        chosen, changes = decide(rules, subject, never, counts)
        counts.update(changes)
        decided.append(chosen.id if chosen else None)
    return decided, counts


def test_without_rules_nothing_is_decided() -> None:
    """An empty scenario rolls nothing and counts nothing."""
    assert decide((), US, never, {}) == (None, {})


def test_the_first_rule_that_matches_decides() -> None:
    """Later ones are not asked."""
    rules = [rule("german", When(to("+49*"))), rule("all"), rule("never")]
    decided, counts = fired(rules, [US, GERMAN, US])
    assert decided == ["all", "german", "all"]
    assert counts == {"all.fired": 2, "all.matched": 2, "german.fired": 1, "german.matched": 1}


def test_no_match_decides_nothing() -> None:
    """And nothing is counted."""
    assert fired([rule("german", When(to("+49*")))], [US]) == ([None], {})


def test_countries_are_those_of_the_recipient() -> None:
    """A channel's prefix does not hide the number; without a number there is no country."""
    german = When(countries=("DE", "AT"))
    assert german.matches(GERMAN)
    assert german.matches({"to": "whatsapp:+491701234567"})
    assert german.matches({"to": "+43 664 1234567"})
    assert not german.matches(US)
    assert not german.matches({"to": "messenger:someone"})
    assert not german.matches({})


def test_a_share_fires_by_chance() -> None:
    """Below the share it fires; chance is only asked for what matches."""
    tenth = When(to("+1*"), share=0.1)
    assert tenth.fires(lambda: 0.05, 0)
    assert not tenth.fires(lambda: 0.1, 0)
    assert not When(share=0.0).fires(lambda: 0.0, 0)
    assert When(share=1.0).fires(lambda: 0.999999, 0)
    assert decide((rule("tenth", tenth),), GERMAN, never, {}) == (None, {})


def test_the_nth_match_fires_and_no_other() -> None:
    """Counted from 1, among what matches."""
    decided, counts = fired([rule("third", When(to("+1*"), nth=3))], [US, GERMAN, US, US, US])
    assert decided == [None, None, None, "third", None]
    assert counts == {"third.matched": 4, "third.fired": 1}


def test_nth_counts_what_other_rules_decide() -> None:
    """Two rules about one call do not shift each other's numbers."""
    rules = [rule("first-two", times=2), rule("third", When(nth=3))]
    assert fired(rules, [US] * 4)[0] == ["first-two", "first-two", "third", None]


def test_those_who_are_alike_are_counted_by_themselves() -> None:
    """However an address is spelt; matches are told of all together."""
    spelt = {"to": "+1 (415) 555-2671", "body": "Other"}
    decided, counts = fired([rule("first", When(nth=1, per=("to",)))], [US, GERMAN, spelt, GERMAN])
    assert decided == ["first", "first", None, None]
    assert (counts["first.matched"], counts["first.fired"]) == (4, 2)
    decided, _ = fired([rule("b", When(every=2, per=("to", "body")))], [US, spelt, US, GERMAN, US])
    assert decided == [None, None, "b", None, None]


def test_who_is_alike_is_no_secret_of_its_parts() -> None:
    """What one fact ends with and the next begins with are told apart."""
    when = When(nth=1, per=("from", "body"))
    one, other = {"from": "a", "body": "bc"}, {"from": "ab", "body": "c"}
    assert when.whose(one) != when.whose(other)
    assert when.whose(one) == when.whose({**one, "to": "+1"})
    assert when.document() == {"nth": 1, "per": ["from", "body"]}


def test_times_ends_a_rule() -> None:
    """After that the next rule has its turn."""
    rules = [rule("twice", times=2), rule("rest")]
    assert fired(rules, [US] * 4)[0] == ["twice", "twice", "rest", "rest"]


def test_deciding_leaves_the_counts_alone() -> None:
    """What changed comes back; keeping it is the caller's business."""
    counts = {"all.fired": 6}
    assert decide([rule("all")], US, never, counts)[1] == {"all.fired": 7, "all.matched": 1}
    assert counts == {"all.fired": 6}


@pytest.mark.parametrize(
    ("outcome", "code", "expected"),
    [
        ("", 0, ("delivered", 0)),
        ("", 30003, ("undelivered", 30003)),
        ("", 30002, ("failed", 30002)),
        ("", 63016, ("undelivered", 63016)),
        ("undelivered", 0, ("undelivered", 30003)),
        ("failed", 0, ("failed", 30001)),
        ("failed", 30003, ("failed", 30003)),
        ("", 30018, ("delivered", 30018)),
        ("sent", 30018, ("sent", 30018)),
        ("read", 0, ("read", 0)),
        ("", 52143, ("failed", 52143)),
        ("delivered", 52143, ("delivered", 52143)),
    ],
)
def test_outcome_and_code_complete_each_other(
    outcome: str, code: int, expected: tuple[str, int]
) -> None:
    """The table chooses what was not said; what was said stands."""
    assert settled(outcome, code) == expected


def test_a_code_without_a_known_end_needs_an_outcome() -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="no final status is known to go with 63007"):
        settled("", 63007)


def test_the_table_of_final_statuses_holds_ends() -> None:
    """Every status in it is final and an outcome that a rule may ask for."""
    assert set(FINAL_STATUS.values()) == {"failed", "undelivered", "delivered"}
    assert set(FINAL_STATUS.values()) <= FINAL & set(OUTCOMES)


SECOND = 1_000_000


@pytest.mark.parametrize(
    ("after", "outcome", "steps"),
    [
        (After(), "delivered", {"sending": 0.1, "sent": 0.2, "delivered": 0.5}),
        (After(sent=SECOND), "delivered", {"sending": 0.1, "sent": 1, "delivered": 1.3}),
        (After(final=4 * SECOND), "undelivered", {"sending": 0.1, "sent": 0.2, "undelivered": 4}),
        (After(final=SECOND // 10), "delivered", {"sending": 0.1, "sent": 0.1, "delivered": 0.1}),
        (After(sending=SECOND), "sent", {"sending": 1, "sent": 1.1}),
        (After(final=4 * SECOND), "failed", {"failed": 4}),
        (After(sent=3 * SECOND), "failed", {"failed": 3}),
        (
            After(read=9 * SECOND),
            "read",
            {"sending": 0.1, "sent": 0.2, "delivered": 0.5, "read": 9},
        ),
        (After(0, 0, 0, 0), "delivered", {"sending": 0, "sent": 0, "delivered": 0}),
    ],
)
def test_steps_keep_their_distance(after: After, outcome: str, steps: dict[str, float]) -> None:
    """What is not said follows from what is; a failure comes at `final`."""
    planned = plan("queued", 0, "sms", after.fate(outcome, 0))
    times = dict(zip(planned[::3], planned[1::3], strict=True))
    assert times == {status: round(seconds * SECOND) for status, seconds in steps.items()}


def test_nothing_said_is_the_usual_profile() -> None:
    """The defaults of the lifecycle are the defaults of rules."""
    assert After().fate("delivered", 0) == Fate(profile=Profile())


def test_steps_in_the_wrong_order_are_refused() -> None:
    """A message is not delivered before it is sent."""
    with pytest.raises(ValueError, match="`final` comes before `sent`"):
        After(sent=2, final=1)


def test_a_delivery_rule_has_its_fate() -> None:
    """Outcome, code and times in one."""
    slow = DeliveryRule("slow", When(), "failed", 30001, After(final=SECOND))
    assert (slow.fate.outcome, slow.fate.error_code) == ("failed", 30001)
    assert slow.fate.profile.sent == SECOND


def test_an_error_is_twilios_own() -> None:
    """Code, status and text from the catalogue; the request's values fill the text."""
    refusal = ErrorFault(20429).refusal()
    assert isinstance(refusal, TwilioError)
    assert (refusal.code, refusal.status, refusal.message) == (20429, 429, "Too Many Requests")
    assert "+1999" in ErrorFault(21211).refusal(To_masked="+1999").message


def test_parameters_of_any_name_are_taken() -> None:
    """A request that has a parameter `self` is refused as any other."""
    assert ErrorFault(20429).refusal(**{"self": "a", "problem": "b", "": "c"}).code == 20429


def test_an_errors_status_and_text_can_be_others() -> None:
    """Braces in a text of one's own are only braces."""
    refusal = ErrorFault(20429, 503, "Slow {down}").refusal(down="up")
    assert (refusal.code, refusal.status, refusal.message) == (20429, 503, "Slow {down}")


def test_an_unknown_code_needs_a_text() -> None:
    """Twilio's dictionary has none for it."""
    with pytest.raises(ValueError, match="has no code 12345; with a `message`"):
        ErrorFault(12345)
    assert ErrorFault(12345, message="New").refusal().status == 400


@pytest.mark.parametrize(
    ("then", "fault"),
    [
        ({"error": 20429}, ErrorFault(20429)),
        ({"error": 20429, "status": 503}, ErrorFault(20429, 503)),
        ({"status": 503}, StatusFault(503)),
        ({"status": 502, "body": "<h1>"}, StatusFault(502, "<h1>")),
    ],
)
def test_faults_are_read_by_name(then: dict[str, object], fault: object) -> None:
    """The first key that names a kind decides; the fields are the YAML."""
    assert read_fault(then) == fault


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        ({}, "says nothing to do: use one of error, status"),
        ({"body": "x"}, "says nothing to do"),
        ({"error": 20429, "body": "x"}, "`body` does not go with `error`"),
        ({"status": 503, "message": "x"}, "`message` does not go with `status`"),
    ],
)
def test_faults_that_do_not_hold_together_are_refused(then: dict[str, object], reason: str) -> None:
    """With a sentence."""
    with pytest.raises(ValueError, match=reason):
        read_fault(then)


def test_rules_show_themselves_as_they_are_written() -> None:
    """The control API hands out what it took in; defaults are left out."""
    when = When(Matcher.compile({"to": "+1*"}, fields=DELIVERY_FIELDS), ("US",), 0.5, 3)
    delivery = DeliveryRule("a", when, "failed", 30001, After(final=4 * SECOND), 2)
    assert delivery.document() == {
        "id": "a",
        "when": {"to": "+1*", "country": ["US"], "share": 0.5, "nth": 3},
        "outcome": "failed",
        "error_code": 30001,
        "after": {"final": "4s"},
        "times": 2,
    }
    assert FaultRule("b", When(), StatusFault(503)).document() == {
        "id": "b",
        "then": {"status": 503},
    }
    assert rule("c").document() == {"id": "c", "outcome": "undelivered", "error_code": 30003}


def test_an_empty_scenario_is_only_its_name() -> None:
    """There always is an own account, of which nothing need be said."""
    assert Scenario("empty").document() == {"name": "empty"}
    assert Given().accounts == (GivenAccount(),)


def test_rules_cannot_ask_for_what_comes_later() -> None:
    """When a message or a request is decided upon, it has no status yet."""
    assert {"status", "reached", "sid"}.isdisjoint(DELIVERY_FIELDS)
    assert {"status", "error"}.isdisjoint(FAULT_FIELDS)
