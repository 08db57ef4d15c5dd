"""What is wrong with a host's certificate just now, if a sandbox's rules say that anything is."""

from collections.abc import Iterable
from itertools import count
from typing import Literal

from mockserver.domain.faults import FaultRule, decide
from mockserver.world.sandbox import Sandbox
from mockserver.world.subjects import CallSubject


def certificate_fault(
    sandboxes: Iterable[Sandbox], host: str
) -> Literal["", "expired", "wrong_host"]:
    """By the rules of every living sandbox: a handshake comes before any account is known."""
    for sandbox in sandboxes:
        if sandbox.rules.faults and (found := _of_sandbox(sandbox, host)):
            return found
    return ""


def _of_sandbox(sandbox: Sandbox, host: str) -> Literal["", "expired", "wrong_host"]:
    from mockserver.domain.faults.certificate import CertificateFault  # few servers have one

    rules = [rule for rule in sandbox.rules.faults if isinstance(rule.then, CertificateFault)]
    if not rules:
        return ""
    rolls = count(1)

    def roll() -> float:
        greeted = sum(_fired(sandbox, rule) for rule in rules)
        return sandbox.dice.fraction("certificate", f"{host}/{greeted}/{next(rolls)}")

    subject = CallSubject({"host": host}, dict)
    counters = sandbox.tables.counters
    rule, changes = decide(rules, subject, roll, counters, sandbox.rules.elapsed)
    counters.update(changes)
    if rule is None or not isinstance(rule.then, CertificateFault):
        return ""
    return "expired" if rule.then.certificate == "expired" else "wrong_host"


def _fired(sandbox: Sandbox, rule: FaultRule) -> int:
    return sandbox.tables.counters.get(f"{rule.id}.matched", 0)
