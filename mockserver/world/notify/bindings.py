"""The commands of a service's bindings: make or replace, delete, list, and who is meant."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockserver.domain.errors import TOO_MANY_BINDINGS, TwilioError
from mockserver.domain.notify.ask import Ask
from mockserver.domain.notify.bindings import Binding, changed, is_reachable
from mockserver.domain.notify.forms import not_convertible
from mockserver.domain.notify.limits import BINDINGS as MOST
from mockserver.domain.notify.selection import select
from mockserver.domain.notify.services import NotifyService
from mockserver.domain.paging import PageAsk
from mockserver.domain.sids import mint
from mockserver.world.notify.binding_table import BindingTable
from mockserver.world.notify.tables import BINDINGS
from mockserver.world.notify.users import Users
from mockserver.world.registry import DELETED
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit


class Bindings:
    """What can be done to the bindings of one service, one command a method."""

    __slots__ = ("_sandbox", "_service", "table")

    def __init__(self, sandbox: Sandbox, service: NotifyService) -> None:
        self._sandbox, self._service = sandbox, service
        self.table = sandbox.tables.notify.bindings.setdefault(service.sid, BindingTable())

    async def create(self, form: Mapping[str, Any], kind: str = "Binding") -> Binding:
        """Make a binding, or change the one that it replaces, and its user where there is none.

        That is the one with its endpoint, else the identity's with the same address. Raise
        `TwilioError` 20001 where the identity has as many as it may, and for an address that
        makes no `kind` where that is looked at.
        """
        if self._sandbox.rules.options.notify_address_check == "at_once" and not is_reachable(
            form["BindingType"], form["Address"]
        ):
            raise not_convertible(kind, "Address")
        now, unit = self._sandbox.clock.now(), Unit()
        same, twin = self._replaced(form), self._twin(form)
        own = [
            each for each in self.table.of_identity(form["Identity"]) if each not in (same, twin)
        ]
        if len(own) >= MOST:
            raise TwilioError(TOO_MANY_BINDINGS, most=MOST)
        if same is not None and twin is not None and twin.sid != same.sid:
            self._remove(twin, unit)
        binding = changed(same or twin or self._new(now), form, self._service, now)
        self.table.put(binding)
        unit.put(BINDINGS, binding.sid, binding)
        Users(self._sandbox, self._service).ensure(binding.identity, unit)
        await self._sandbox.engine.commit(unit)
        return binding

    def _replaced(self, form: Mapping[str, Any]) -> Binding | None:
        return self.table.of_endpoint(form.get("Endpoint", ""))

    def _twin(self, form: Mapping[str, Any]) -> Binding | None:
        wanted = form["BindingType"], form["Address"]
        own = self.table.of_identity(form["Identity"])
        return next((each for each in own if (each.binding_type, each.address) == wanted), None)

    def _new(self, now: int) -> Binding:
        service = self._service
        sid = self.table.free(self._mint)
        endpoint = self._sandbox.dice.of("notify endpoint", sid).hex()
        return Binding(sid, service.account_sid, service.sid, endpoint=endpoint, created_at=now)

    def _mint(self, ordinal: int) -> str:
        return mint("BS", self._sandbox.dice.of("notify binding", f"{self._service.sid} {ordinal}"))

    async def delete(self, binding: Binding) -> None:
        """Forget one; its user stays."""
        unit = Unit()
        self._remove(binding, unit)
        await self._sandbox.engine.commit(unit)

    def _remove(self, binding: Binding, unit: Unit) -> None:
        place = self.table.remove(binding.sid)
        unit.put(BINDINGS, binding.sid, None)
        unit.put(DELETED, f"{BINDINGS} {binding.sid}", place)

    def page(
        self,
        ask: PageAsk,
        identities: Sequence[str],
        tags: Sequence[str],
        fits: Callable[[Binding], bool] = lambda _: True,
    ) -> tuple[list[Binding], bool]:
        """A page of the bindings that fit, newest first, and whether more are behind it.

        Where they are given: of any of the identities, with all of the tags. Raise `TwilioError`
        21481 for a token that names none.
        """
        places = select(self.table, identities or None, tags) if identities or tags else None
        return self.table.page(ask, places, fits)

    def chosen(self, ask: Ask) -> Sequence[int]:
        """Ascending places of those that a notification means; inactive ones are among them."""
        users = Users(self._sandbox, self._service).table
        people = users.identities(users.gathered(ask.segments)) if ask.segments else None
        return select(self.table, ask.identities or None, ask.tags, people)
