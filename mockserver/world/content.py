"""The commands of content templates, and WhatsApp's review of them."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, Final

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.content import Approval, ContentTemplate, Submission
from mockserver.domain.content.review import next_word, submission_of, submittable
from mockserver.domain.content.search import SORTED_BY, Search, ordered
from mockserver.domain.content.submission import FIXED, NEXT
from mockserver.domain.errors import ALREADY_SUBMITTED, TwilioError
from mockserver.domain.paging import PageAsk
from mockserver.domain.sids import mint
from mockserver.world.accounts import Accounts
from mockserver.world.dice import Dice
from mockserver.world.engine import Engine
from mockserver.world.registry import Registry
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables, Unit

TABLE: Final = "content"

Changed = Callable[[ContentTemplate, str, int], None]
"""Told of a template of which WhatsApp says something, what it said before, and when.

Times are in microseconds.
"""

Page = tuple[list[ContentTemplate], bool]
"""Templates, and whether there are more behind them."""


class Templates(Registry[ContentTemplate]):
    """What can be done to a sandbox's content templates, one command a method."""

    __slots__ = ("_accounts", "_changed", "_dice", "_engine", "_rules")

    def __init__(
        self,
        tables: Tables,
        accounts: Accounts,
        dice: Dice,
        engine: Engine,
        rules: Rulebook,
        changed: Changed,
    ) -> None:
        super().__init__(tables, TABLE, tables.content)
        self._accounts, self._dice, self._engine = accounts, dice, engine
        self._rules, self._changed = rules, changed

    def one(self, account: Account, sid: str) -> ContentTemplate | None:
        """A template as it is now, if it is the account's."""
        self._engine.catch_up()
        found = self._table.get(sid)
        return found if found is not None and found.account_sid == account.sid else None

    def search(
        self, account: Account, ask: PageAsk, search: Search, filters: Mapping[str, Any]
    ) -> Page:
        """A page of those that are asked for, newest first unless `filters` say otherwise.

        Raise `TwilioError` 21481 for a token that names no template, 20001 for an order that is
        none.
        """
        self._engine.catch_up()

        def fits(template: ContentTemplate) -> bool:
            return search.fits(template, made_at(template, self._accounts))

        if not any(name in filters for name in SORTED_BY):
            return self.page(account, ask, fits)
        return _cut(ordered(filter(fits, self.own(account)), filters), ask)

    async def create(self, account: Account, asked: Mapping[str, Any]) -> ContentTemplate:
        """Keep what was asked for and has been checked."""
        unit, now = Unit(), self._engine.clock.now()
        self._accounts.come_into_being(account, unit)
        known = len(self._table) + len(self._gone)
        sids = (mint("HX", self._dice.of(TABLE, str(each))) for each in count(known))
        template = ContentTemplate(
            self.free(sids), account.sid, asked["types"], created_at=now, updated_at=now
        )
        return await self._keep(_with(template, asked), unit)

    async def change(self, template: ContentTemplate, asked: Mapping[str, Any]) -> ContentTemplate:
        """Set what is given; raise `TwilioError` 92009 while it is, or may be, approved."""
        if template.approval in FIXED:
            raise TwilioError(ALREADY_SUBMITTED)
        changed = _with(template, asked)
        return await self._keep(replace(changed, updated_at=self._engine.clock.now()), Unit())

    async def drop(self, template: ContentTemplate) -> None:
        """Forget one but for its place, which page tokens may still name."""
        unit = Unit()
        self.remove(template.sid, unit)
        await self._engine.commit(unit)

    # What WhatsApp says

    async def submit(self, template: ContentTemplate, asked: Mapping[str, Any]) -> ContentTemplate:
        """Hand one in, whose type can be; raise `TwilioError` 92009 for one that was before.

        What becomes of it is an appointment on the clock.
        """
        if template.approval != "unsubmitted":
            raise TwilioError(ALREADY_SUBMITTED)
        now = self._engine.clock.now()
        due = now + self._rules.options.template_review
        given = Submission(
            asked["name"],
            asked["category"],
            submittable(template),
            asked.get("allow_category_change", True),
            at=now,
            due=due,
        )
        template = replace(template, approval="received", submission=given)
        return await self._keep(template, Unit())

    async def force(
        self, template: ContentTemplate, approval: Approval, reason: str
    ) -> ContentTemplate:
        """Have WhatsApp say something now; it stays so, unless that is a step on its usual way."""
        now, before = self._engine.clock.now(), template.approval
        due = now + self._rules.options.template_review if approval in NEXT else 0
        template = replace(template, approval=approval)
        given = replace(submission_of(template), due=due, rejection_reason=reason)
        template = replace(template, submission=given if approval != "unsubmitted" else None)
        self._changed(template, before, now)
        return await self._keep(template, Unit())

    def resume(self) -> None:
        """Put what WhatsApp has still to say on the clock, after the table was filled."""
        for template in self._table.values():
            self._await_word(template)

    def _await_word(self, template: ContentTemplate) -> None:
        if template.submission is not None and template.submission.due:
            self._engine.clock.appoint(template.submission.due, self._step, template.sid)

    def _step(self, sid: str, at: int) -> None:
        """What was due, unless the template has gone or was handed in or forced anew."""
        template = self._table.get(sid)
        if template is None or template.submission is None or template.submission.due != at:
            return
        options, before = self._rules.options, template.approval
        rejects = options.template_verdict == "rejected"
        template = next_word(template, options.template_review, rejects=rejects)
        self.put(sid, template, self._engine.unit)
        self._await_word(template)
        self._changed(template, before, at)

    async def _keep(self, template: ContentTemplate, unit: Unit) -> ContentTemplate:
        self.put(template.sid, template, unit)
        self._await_word(template)
        await self._engine.commit(unit)
        return template


def made_at(template: ContentTemplate, accounts: Accounts) -> int:
    """Microseconds; what was set up with the sandbox is as old as that."""
    return template.created_at or accounts.first.created_at


def _with(template: ContentTemplate, asked: Mapping[str, Any]) -> ContentTemplate:
    given = {name: value for name, value in asked.items() if name in _FIELDS}
    return replace(template, **given)


_FIELDS: Final = frozenset({"friendly_name", "language", "variables", "types"})


def _cut(found: Sequence[ContentTemplate], ask: PageAsk) -> Page:
    """A page of some in an order of their own; where a token's template is gone, by its number."""
    places = {template.sid: place for place, template in enumerate(found)}
    start = min(ask.number * ask.size, len(found))
    if ask.after in places:
        start = places[ask.after] + 1
    elif ask.before in places:
        start = max(0, places[ask.before] - ask.size)
    end = places.get(ask.before, start + ask.size)
    return list(found[start:end]), end < len(found)
