"""Which certificate the rules of all sandboxes ask for."""

from typing import Any

import pytest

from mockserver.edge.tls.faulty import certificate_fault

HOST = "api.twilio.com"


@pytest.fixture
def rules(api: Any) -> Any:
    """`await rules(when, **more)` adds a rule to the sandbox that is there."""

    async def add(when: str, then: str = '{"certificate": "expired"}', more: str = "") -> None:
        body = f'{{"when": {when}, "then": {then}{more}}}'.encode()
        made = await api.call("POST", "/_mock/faults", body, {"Host": "localhost"})
        assert made.status == 201, made.body

    return add


def found(api: Any, host: str = HOST) -> str:
    return certificate_fault(api.server.sandboxes, host)


async def test_without_rules_nothing_is_wrong(api: Any) -> None:
    """The certificate is the host's own."""
    assert found(api) == ""


async def test_a_rule_is_for_its_hosts(api: Any, rules: Any) -> None:
    """Exactly, or with a star."""
    await rules('{"host": "api.*"}')
    assert found(api) == "expired"
    assert found(api, "notify.twilio.com") == ""


async def test_other_faults_are_no_matter(api: Any, rules: Any) -> None:
    """They are of requests, and are neither met nor counted here."""
    await rules("{}", '{"error": 20429}', ', "times": 1')
    assert found(api) == ""
    assert not api.server.sandboxes.default.tables.counters


async def test_a_rule_counts(api: Any, rules: Any) -> None:
    """It is met as often as it says, and the count is shown with it."""
    await rules(f'{{"host": "{HOST}"}}', '{"certificate": "wrong_host"}', ', "times": 2')
    assert [found(api) for _ in range(3)] == ["wrong_host", "wrong_host", ""]


async def test_every_living_sandbox_has_a_say(api: Any) -> None:
    """No account is known yet, so whose program calls is not either."""
    here = {"Host": "localhost"}
    made = (await api.call("POST", "/_mock/sandboxes", b"{}", here)).json
    rule = b'{"when": {"host": "api.twilio.com"}, "then": {"certificate": "expired"}}'
    path = f"/_mock/sandboxes/{made['id']}"
    assert (await api.call("POST", f"{path}/faults", rule, here)).status == 201
    assert found(api) == "expired"
    assert (await api.call("DELETE", path, headers=here)).status == 204
    assert found(api) == ""
