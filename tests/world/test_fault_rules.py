"""API faults as a scenario's file has them: read, shown, and refused with line and fix."""

import pytest

from mockserver.domain.faults.kinds import read_fault
from mockserver.world.scenarios import ScenarioError, from_document, parse

EVERY_KIND = """
name: all
faults:
  - then: {error: 20429, retry_after: 2s, headers: {X-Why: "0010"}}
  - then: {status: 503, body: busy, content_type: text/html}
  - then: {status: 502, body: {error: NO}}
  - then: {rate_limit: {per_second: 0.5, burst: 2, concurrency: 10, code: 20503, per: sender}}
  - then: {stale: {for: 500ms}}
  - then: {stale: {reads: 2}}
  - then: {latency: {lognormal: {median: 90ms, p99: 2s}}}
  - then: {latency: {percentiles: {50: 80ms, 99: 3s}}, error: 20503}
  - then: {malformed: true}
  - then: {wrong_type: text/html}
  - then: {slow_body: 3s}
  - then: {truncate: 0.5}
  - then: {reset: after}
  - then: {keep_alive: drop}
  - then: {refuse: 5s}
  - when: {host: api.twilio.com}
    then: {certificate: wrong_host}
"""


def test_every_kind_can_be_written() -> None:
    """In YAML, where the schema says what is a number; and the document gives it back."""
    scenario = parse(EVERY_KIND, "all.yaml")
    thens = [rule.then for rule in scenario.faults]
    assert thens[0] == read_fault({"error": 20429, "retry_after": 2, "headers": {"X-Why": "0010"}})
    assert thens[2] == read_fault({"status": 502, "body": {"error": "NO"}})
    assert thens[8] == read_fault({"malformed": True})
    assert from_document(scenario.document()) == scenario


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ("then: {}", "bad.yaml:2:12: faults[0].then: says nothing to do: use one of error, status"),
        ("then: {reset: later}", "must be one of before, during, after, not 'later'"),
        ("then: {latency: 1s, slow: 1s}", "unknown key; did you mean 'slow_body'?"),
        ("then: {latency: {uniform: [2s, 1s]}}", "`uniform` names the shortest first"),
        ("then: {truncate: 1.5}", "must be at most 0.999999, not 1.5"),
        ("then: {malformed: no}", "must be one of true, not 'no'"),
        ("then: {rate_limit: {per_second: 0}}", "must be at least 0.001, not 0"),
        ("then: {rate_limit: {burst: 3}}", "needs `per_second`, `concurrency` or both"),
        ("then: {stale: {for: 1s, reads: 2}}", "`stale` says one of `for` and `reads`"),
        ("then: {reset: after, status: 503}", "contradict each other: nothing is answered"),
        ("then: {status: 503, headers: {Content-Length: 5}}", "cannot have Content-Length"),
        ('then: {status: 503, headers: {X-A: "ä"}}', "must be the value of a header"),
        (
            "then: {certificate: expired}, when: {operation: api.v2010.CreateMessage}",
            "faults[0].when: `operation` is not known yet when the certificate is shown",
        ),
    ],
)
def test_what_cannot_be_is_refused(rule: str, complaint: str) -> None:
    """With its line and a sentence that says what can."""
    with pytest.raises(ScenarioError) as refused:
        parse(f"faults:\n  - {{{rule}}}\n", "bad.yaml")
    assert complaint in str(refused.value)
    assert str(refused.value).startswith("bad.yaml:2:")
