"""The kinds of API faults: read from what a scenario says, and written as they were."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.faults import ErrorFault, FaultRule, StatusFault, When
from mockserver.domain.faults.certificate import CertificateFault
from mockserver.domain.faults.headers import with_retry
from mockserver.domain.faults.keep_alive import KeepAliveFault
from mockserver.domain.faults.kinds import (
    KINDS,
    Together,
    check_when,
    fault_document,
    parts,
    read_fault,
)
from mockserver.domain.faults.latency import LatencyFault
from mockserver.domain.faults.malformed import MalformedFault
from mockserver.domain.faults.rate_limit import RateLimit, RateLimitFault
from mockserver.domain.faults.refuse import RefuseFault
from mockserver.domain.faults.reset import ResetFault
from mockserver.domain.faults.slow_body import SlowBodyFault
from mockserver.domain.faults.spread import Fixed, Uniform
from mockserver.domain.faults.stale import Stale, StaleFault
from mockserver.domain.faults.truncate import TruncateFault
from mockserver.domain.faults.wrong_type import WrongTypeFault

SECOND = 1_000_000

EXAMPLES: list[tuple[dict[str, Any], object]] = [
    ({"error": 20429}, ErrorFault(20429)),
    (
        {"error": 20503, "status": 503, "headers": {"X-A": "b"}, "retry_after": "2s"},
        ErrorFault(20503, 503, headers={"X-A": "b"}, retry_after=2 * SECOND),
    ),
    ({"status": 503}, StatusFault(503)),
    ({"status": 502, "body": {"a": 1}}, StatusFault(502, {"a": 1})),
    ({"rate_limit": {"per_second": 10}}, RateLimitFault(RateLimit(10))),
    (
        {"rate_limit": {"concurrency": 5, "code": 20503, "per": "key"}},
        RateLimitFault(RateLimit(concurrency=5, code=20503, per="key")),
    ),
    ({"stale": {"for": "1s"}}, StaleFault(Stale(SECOND))),
    ({"stale": {"reads": 2}}, StaleFault(Stale(reads=2))),
    ({"latency": "2s"}, LatencyFault(Fixed(2 * SECOND))),
    ({"latency": {"uniform": ["1s", "2s"]}}, LatencyFault(Uniform(SECOND, 2 * SECOND))),
    ({"malformed": True}, MalformedFault(True)),
    ({"wrong_type": "text/html"}, WrongTypeFault("text/html")),
    ({"slow_body": "3s"}, SlowBodyFault(3 * SECOND)),
    ({"truncate": 0.5}, TruncateFault(0.5)),
    ({"reset": "after"}, ResetFault("after")),
    ({"keep_alive": "drop"}, KeepAliveFault("drop")),
    ({"refuse": "5s"}, RefuseFault(5 * SECOND)),
    ({"certificate": "expired"}, CertificateFault("expired")),
    (
        {"error": 20503, "latency": "1s", "malformed": True, "reset": "during"},
        Together(
            (
                ErrorFault(20503),
                LatencyFault(Fixed(SECOND)),
                MalformedFault(True),
                ResetFault("during"),
            )
        ),
    ),
]


@pytest.mark.parametrize(("then", "fault"), EXAMPLES)
def test_a_kind_is_read_and_written(then: dict[str, Any], fault: object) -> None:
    """The fields are the YAML; a rule shows itself as it was said."""
    read = read_fault(then)
    assert read == fault
    assert fault_document(read) == then
    assert FaultRule("a", When(), read).document() == {"id": "a", "then": then}


def test_every_kind_has_an_example() -> None:
    """So that none is forgotten."""
    assert {type(part) for then, _ in EXAMPLES for part in parts(read_fault(then))} == {
        kind.made for kind in KINDS.values()
    }


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        ({}, "says nothing to do: use one of error, status, rate_limit"),
        ({"error": 20429, "rate_limit": {"per_second": 1}}, "`error` and `rate_limit` contradict"),
        ({"status": 503, "stale": {"reads": 1}}, "`status` and `stale` contradict each other"),
        ({"slow_body": "1s", "truncate": 0.5}, "`slow_body` and `truncate` contradict"),
        ({"reset": "after", "error": 20429}, "`error` and `reset` contradict .* nothing is answ"),
        ({"reset": "before", "malformed": True}, "`malformed` and `reset` contradict each other"),
        ({"refuse": "1s", "status": 503}, "`status` and `refuse` contradict each other"),
        ({"certificate": "expired", "latency": "1s"}, "`certificate` goes with nothing else"),
        ({"latency": "1s", "message": "x"}, "`message` does not go with `latency`"),
        ({"latency": "soon"}, "'soon' is not a duration"),
        ({"truncate": 1}, "the part that comes, from 0 to below 1"),
        ({"malformed": False}, "can only be true"),
        ({"rate_limit": {"code": 20429}}, "needs `per_second`, `concurrency` or both"),
        ({"rate_limit": {"concurrency": 1, "burst": 2}}, "`burst` of `rate_limit` needs"),
        ({"rate_limit": {"per_second": 1, "code": 12345}}, "12345"),
        ({"status": 204, "body": "x"}, "`body` does not go with the status 204"),
        ({"status": 503, "headers": {"Content-Length": "1"}}, "cannot have Content-Length"),
        ({"error": 20429, "headers": {"connection": "close"}}, "cannot have connection: use"),
        ({"stale": {"for": "1s", "reads": 1}}, "says one of `for` and `reads`"),
        ({"stale": {"reads": 0}}, "says one of `for` and `reads`"),
    ],
)
def test_kinds_that_contradict_each_other_are_refused(then: dict[str, Any], reason: str) -> None:
    """With a sentence; so are values that mean nothing."""
    with pytest.raises(ValueError, match=reason):
        read_fault(then)


@pytest.mark.parametrize("then", [{"refuse": "1s"}, {"reset": "after"}, {"reset": "before"}])
def test_latency_goes_with_any_other(then: dict[str, Any]) -> None:
    """Also with what answers nothing."""
    both = read_fault({"latency": "1s", **then})
    assert {type(part) for part in parts(both)} == {LatencyFault, type(read_fault(then))}


def test_a_certificate_is_shown_before_there_is_a_request() -> None:
    """So nothing but the host can be asked for."""
    check_when(CertificateFault("expired"), ["host"])
    check_when(ErrorFault(20429), ["host", "to"])
    with pytest.raises(ValueError, match="`to` is not known yet"):
        check_when(CertificateFault("expired"), ["host", "to"])


def test_a_status_has_the_type_of_its_body() -> None:
    """Text, JSON, or what was said."""
    assert (StatusFault(503, "no").kind, StatusFault(503, "no").content) == ("text/plain", b"no")
    document = StatusFault(503, {"a": 1})
    assert (document.kind, document.content) == ("application/json", b'{"a": 1}')
    assert StatusFault(503, {"a": 1}, "text/html").kind == "text/html"


def test_a_retry_is_told_in_whole_seconds() -> None:
    """Rounded up: who waits so long is not too early."""
    assert with_retry({"A": "b"}, 0) == (("A", "b"),)
    assert with_retry({}, 1) == (("Retry-After", "1"),)
    assert ErrorFault(20429, retry_after=1_500_000).more == (("Retry-After", "2"),)
    assert StatusFault(503, headers={"A": "b"}).more == (("A", "b"),)


def taken(limit: RateLimit, times: list[int]) -> list[int]:
    """The waits of calls at these times."""
    full_at, waits = 0, []
    for now in times:
        full_at, wait = limit.take(full_at, now)
        waits.append(wait)
    return waits


def test_a_bucket_gives_what_it_has() -> None:
    """Then one token for each that comes in; who waits as long as told gets one."""
    limit = RateLimit(2, burst=3)
    half = SECOND // 2
    assert taken(limit, [0, 0, 0, 0, half - 1, half, half]) == [0, 0, 0, half, 1, 0, half]
    assert taken(RateLimit(0.1), [0, 0]) == [0, 10 * SECOND]


def test_without_a_rate_the_bucket_is_bottomless() -> None:
    """A limit of concurrency alone counts nothing."""
    assert taken(RateLimit(concurrency=1), [0] * 100) == [0] * 100


@given(
    per_second=st.floats(0.01, 1_000),
    burst=st.integers(1, 50),
    steps=st.lists(st.integers(0, 3 * SECOND), min_size=1, max_size=200),
)
def test_no_more_pass_than_burst_and_rate_allow(
    per_second: float, burst: int, steps: list[int]
) -> None:
    """In any span from the start; and what is refused passes after its wait."""
    limit = RateLimit(per_second, burst)
    now = full_at = passed = 0
    for step in steps:
        now += step
        full_at, wait = limit.take(full_at, now)
        passed += not wait
        assert passed <= burst + per_second * now / SECOND + 1e-3 * (passed + 1)
        if wait:
            assert limit.take(full_at, now + wait)[1] == 0
