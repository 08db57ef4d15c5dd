"""Checks out of a document, as `schemas/control/Verify.json` describes it, and their judgement."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import msgspec

from mockserver.world.sandbox import Sandbox
from mockserver.world.verifying.acknowledging import Acknowledged
from mockserver.world.verifying.costs import Ceiling, Cost
from mockserver.world.verifying.counting import Count, Rate
from mockserver.world.verifying.ending import Ended
from mockserver.world.verifying.heeding import OptOutsHeeded
from mockserver.world.verifying.ordering import NeverAfter, Order
from mockserver.world.verifying.repeats import NoDuplicates
from mockserver.world.verifying.sight import ENDLESS, Finding, Scope, Sight
from mockserver.world.verifying.terms import Document, Terms

DUPLICATE: Final = "60s"
"""Within which the same message again is a duplicate, where nobody says otherwise. Ours."""

SCOPE: Final = ("where", "within")
"""What every check may have besides."""


class Check(Protocol):
    """What can be judged."""

    async def judge(self, sight: Sight) -> Finding:
        """Whether it holds; raise `SandboxGone`."""


def read(document: Document, began: int) -> list[Check]:
    """The checks of a request that fits its schema; raise `BadCheck` or `BadFilter`.

    `began` is when the sandbox's clock started, in microseconds: durations count from there.
    """
    if "checks" not in document:
        return [_check(Terms(began), document)]
    if others := sorted(document.keys() - {"checks"}):
        raise Terms(began).bad(others[0], "belongs into one of the `checks`")
    checks = enumerate(document["checks"])
    return [_check(Terms(began, f"checks[{number}]."), each) for number, each in checks]


def _check(terms: Terms, document: Document) -> Check:
    """The key that says what a check is decides; without one it counts."""
    kinds = [name for name in KINDS if document.get(name, False) is not False]
    if len(kinds) > 1:
        raise terms.bad(kinds[1], f"is another check than `{kinds[0]}`: put both into `checks`")
    if not kinds and (denied := [name for name in KINDS if name in document]):
        raise terms.bad(denied[0], "false asks for nothing: say true, or leave the check out")
    kind = kinds[0] if kinds else "count"
    for name in document:
        if name not in {*KINDS, *SCOPE, *BESIDE.get(kind, ())}:
            raise terms.bad(name, f"means nothing to `{kind}`")
    return KINDS[kind](terms, terms.scope(document), document)


def _count(terms: Terms, scope: Scope, document: Document) -> Check:
    count = dict(document.get("count", {"at_least": 1}))
    per, by = count.pop("per", None), count.pop("by", None)
    if per is None:
        if by is not None or not count:
            raise terms.bad(
                "count", "needs `exactly`, `at_least` or `at_most`; `by` goes with `per`"
            )
        if max(count.get("at_least", 0), count.get("exactly", 0)) > min(
            count.get("at_most", ENDLESS), count.get("exactly", ENDLESS)
        ):
            raise terms.bad("count", "no number is all of this")
        return Count(scope, {how: int(number) for how, number in count.items()})
    if count.keys() != {"at_most"}:
        raise terms.bad("count.per", "goes with `at_most`, and no other bound")
    return Rate(scope, int(count["at_most"]), terms.length("count.per", per), by or "to")


def _order(terms: Terms, scope: Scope, document: Document) -> Check:
    steps = enumerate(document["order"])
    matchers = [terms.matcher(f"order[{number}]", each) for number, each in steps]
    return Order(scope, matchers, document.get("strict", False))


def _never_after(terms: Terms, scope: Scope, document: Document) -> Check:
    after = document["never_after"]
    if isinstance(after, Mapping):
        return NeverAfter(scope, terms.matcher("never_after", after))
    return NeverAfter(scope, terms.moment("never_after", after))


def _final(_: Terms, scope: Scope, document: Document) -> Check:
    return Ended(scope, document.get("scheduled", False))


def _acknowledged(_: Terms, scope: Scope, __: Document) -> Check:
    return Acknowledged(scope)


def _no_duplicates(terms: Terms, scope: Scope, document: Document) -> Check:
    about = {} if document["no_duplicates"] is True else document["no_duplicates"]
    within = terms.length("no_duplicates.within", about.get("within", DUPLICATE))
    return NoDuplicates(scope, within, about.get("body", "same") == "any")


def _opt_outs_heeded(_: Terms, scope: Scope, __: Document) -> Check:
    return OptOutsHeeded(scope)


def _cost(terms: Terms, scope: Scope, document: Document) -> Check:
    limits = {name: terms.limit(name, each) for name, each in document["cost"].items()}
    return Cost(scope, Ceiling(**limits))


KINDS: Final[Mapping[str, Callable[[Terms, Scope, Document], Check]]] = {
    "order": _order,
    "never_after": _never_after,
    "final": _final,
    "acknowledged": _acknowledged,
    "no_duplicates": _no_duplicates,
    "opt_outs_heeded": _opt_outs_heeded,
    "cost": _cost,
    "count": _count,
}
"""By the key that says what a check is."""

BESIDE: Final[Mapping[str, tuple[str, ...]]] = {"order": ("strict",), "final": ("scheduled",)}
"""Keys that belong to one kind."""


class Judgement(msgspec.Struct, frozen=True):
    """What became of all checks of a request."""

    findings: list[Finding]

    @property
    def broken(self) -> list[Finding]:
        """Those that do not hold."""
        return [each for each in self.findings if not each.ok]

    @property
    def explanation(self) -> str:
        """One check's own; of several, that of each that is broken, in a line of its own."""
        if len(self.findings) == 1:
            return self.findings[0].explanation
        if not self.broken:
            return f"All {len(self.findings)} checks hold."
        heading = f"{len(self.broken)} of {len(self.findings)} checks do not hold:"
        return "\n".join(
            [heading, *(f"- {each.check}: {each.explanation}" for each in self.broken)]
        )


async def judge(sandbox: Sandbox, document: Document) -> Judgement:
    """Judge all checks of a request, one after another.

    Raise `BadCheck` or `BadFilter` before any, `SandboxGone` where it is reset meanwhile.
    """
    sight = Sight(sandbox)
    checks = read(document, sandbox.clock.began)
    return Judgement([await each.judge(sight) for each in checks])
