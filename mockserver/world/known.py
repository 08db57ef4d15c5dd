"""What a sandbox was told about senders and recipients, as the checks of a create ask it."""

from itertools import islice
from typing import TYPE_CHECKING, Final

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import WHATSAPP_SANDBOX
from mockserver.domain.applications import Application
from mockserver.domain.consent import WHATSAPP_OPTED_OUT
from mockserver.domain.message import SECOND, Message
from mockserver.domain.numbers import Number, OptOut, Service, unprefixed
from mockserver.domain.options import Options
from mockserver.world.clock import Clock
from mockserver.world.tables import Tables

if TYPE_CHECKING:
    from mockserver.domain.content import ContentTemplate

JOIN_LASTS: Final = 3 * 86_400 * SECOND
"""Microseconds after which a recipient has to join the WhatsApp sandbox again. Source: its docs."""


class Known:
    """Answers from the tables, without changing them."""

    __slots__ = ("_clock", "_tables")

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables, self._clock = tables, clock

    @property
    def now(self) -> int:
        """The sandbox's time, in microseconds."""
        return self._clock.now()

    def number(self, phone_number: str) -> Number | None:
        return self._tables.numbers.get(phone_number)

    def service(self, sid: str) -> Service | None:
        return self._tables.services.get(sid)

    def application(self, sid: str) -> Application | None:
        return self._tables.applications.get(sid)

    def was_service(self, sid: str) -> bool:
        return sid in self._tables.deleted.get("services", ())

    def template(self, account: Account, sid: str) -> "ContentTemplate | None":
        """A content template, if it is the account's."""
        found = self._tables.content.get(sid)
        return found if found is not None and found.account_sid == account.sid else None

    def verified(self, account: Account, to: str) -> bool:
        """By the account or its parent; what was set up with the sandbox, all may write to."""
        caller = self._tables.verified_callers.get(to)
        if caller is None or caller.created_at > self._clock.now():
            return False
        own = (account.sid, account.owner_account_sid)
        return not caller.created_at or caller.account_sid in own

    def opted_out(self, from_: str, to: str) -> bool:
        """Also where `from_` is in a service that the recipient has stopped."""
        outs = self._tables.opt_outs.of(to)
        return bool(outs) and any(self._stopped(from_, out) for out in outs)

    def _stopped(self, sender: str, out: OptOut) -> bool:
        if unprefixed(out.from_) == unprefixed(sender):
            return True
        service = self._tables.services.get(out.from_)
        if service is not None:
            return sender in service.senders
        # of a service that nobody set up, this much is known of its pool
        return bool(out.by) and out.by == sender and not self.was_service(out.from_)

    def landline(self, to: str) -> bool:
        handset = self._tables.handsets.get(to) if self._tables.handsets else None
        return handset is not None and handset.line_type == "landline"

    def does_rcs(self, to: str) -> bool:
        """Whether the recipient was set up as a device that does RCS."""
        handset = self._tables.handsets.get(to) if self._tables.handsets else None
        return handset is not None and handset.rcs

    def handset(self, to: str) -> bool:
        """Whether the recipient was set up at all."""
        return to in self._tables.handsets

    def closed_countries(self, account: Account) -> tuple[str, ...]:
        """Subaccounts inherit what their parent lacks."""
        parent = self._tables.accounts.get(account.owner_account_sid)
        closed = account.geo_permissions_off
        return closed if parent is None else (*closed, *parent.geo_permissions_off)

    def sent(self, account_sid: str, since: int) -> int:
        return self._tables.messages.lists.outbound(account_sid, since)

    def scheduled(self, account_sid: str, limit: int) -> int:
        count = self._clock.appointments.count
        if count < limit:
            return count  # of all accounts: enough to know that there is room
        table = self._tables.messages
        made = table.lists.newest_first(account_sid, None, None, None)
        waiting = (one for one in made if table.delivery(one.sid).status == "scheduled")
        return sum(1 for _ in islice(waiting, limit))

    # What WhatsApp makes of it

    def whatsapp_refusal(self, message: Message, options: Options, *, free_text: bool) -> int:
        """Error code for a WhatsApp message that its recipient cannot get; 0: none speaks against.

        63033 for who opted out, 63015 for who has not joined the sandbox, 63016 for free text
        outside the session window.
        """
        to, service_sid = message.to, message.messaging_service_sid
        if self.opted_out(message.from_, to) or self.opted_out(service_sid, to):
            return WHATSAPP_OPTED_OUT
        at = message.send_at or message.created_at
        if options.whatsapp_join and message.from_ == WHATSAPP_SANDBOX:
            handset = self._tables.handsets.get(message.to)
            joined = handset.joined_at if handset else 0
            if not joined or (joined > 0 and at - joined > JOIN_LASTS):
                return 63015
        if not options.whatsapp_session or not free_text:
            return 0
        heard = self._tables.heard.get(f"{message.to} {message.from_}".rstrip())
        late = heard is None or at - heard > options.whatsapp_session * SECOND
        return 63016 if late else 0
