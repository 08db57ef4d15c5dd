"""Who is written to, and which of its webhooks is called. Facts: whose URL counts is Twilio's rule.

A number in a Messaging Service answers by the service, or by itself where the service says so; one
that is in none by its application, then by its own URL, then by the server's `--inbound-url`.
"""

from typing import Final

import msgspec

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import Address
from mockserver.domain.message import Message
from mockserver.domain.numbers import Number, Service
from mockserver.domain.options import Options
from mockserver.world.accounts import Accounts
from mockserver.world.tables import Tables


class Hook(msgspec.Struct, frozen=True):
    """A webhook, and the one that is called where it fails."""

    url: str
    method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"


NONE: Final = Hook("")


class Reception(msgspec.Struct, frozen=True):
    """Who gets what a handset writes."""

    account: Account
    number: Number | None = None
    service: Service | None = None
    service_sid: str = ""
    """Also of a service that nobody set up, whose stand-in wrote to the handset before."""
    hook: Hook = NONE
    closed: str = ""
    """Why the message is not even kept; "" where it is."""
    status_callback: str = ""
    """Of replies that name none."""


class Hooks:
    """Answers from the tables."""

    def __init__(self, tables: Tables, accounts: Accounts, usual: str) -> None:
        """`usual`: the URL for numbers that have none, or ""."""
        self._tables, self._accounts, self._usual = tables, accounts, usual

    def find(self, to: Address, from_: Address, options: Options) -> Reception:
        """Who is behind an address that a handset writes to."""
        number, service = self._tables.numbers.get(to.value), self._service(to.value)
        before = self._before(from_.value, to.value)
        account = self._account(number, service, before)
        closed = self._closed(account, number, service, options)
        if service is not None:
            sid = service.sid
        else:
            sid = before.messaging_service_sid if before and not number else ""
        return Reception(
            account,
            number,
            service,
            sid,
            self._hook(number, service),
            closed or _switched_off(service, to.value),
            self._callback(number, service),
        )

    def _service(self, sender: str) -> Service | None:
        """The one in whose pool a sender is."""
        services = self._tables.services.values()
        return next((each for each in services if sender in each.senders), None)

    def _before(self, handset: str, sender: str) -> Message | None:
        """What was last sent from there to the handset."""
        table, found = self._tables.messages, None
        for sid in self._tables.accounts:
            last = next(table.lists.newest_first(sid, None, handset, sender), None)
            if last is not None and (found is None or last.ordinal > found.ordinal):
                found = last
        return found

    def _account(
        self, number: Number | None, service: Service | None, before: Message | None
    ) -> Account:
        owned = number or service or before
        if owned is None:
            return self._accounts.first
        return self._accounts.find(owned.account_sid) or Account(owned.account_sid)

    def _closed(
        self, account: Account, number: Number | None, service: Service | None, options: Options
    ) -> str:
        if not account.active:
            return f"the account {account.sid} is {account.status}"
        if number is None and service is None and options.senders == "strict":
            return "nobody owns that number, and with strict senders it must be set up"
        return ""

    def _hook(self, number: Number | None, service: Service | None) -> Hook:
        if service is not None and not service.use_inbound_webhook_on_number:
            return Hook(
                service.inbound_request_url,
                service.inbound_method,
                service.fallback_url,
                service.fallback_method,
            )
        owned = self._own(number) if number is not None else NONE
        return owned if owned.url or not self._usual else Hook(self._usual)

    def _own(self, number: Number) -> Hook:
        """A number's, or its application's, which wins."""
        application = self._tables.applications.get(number.sms_application_sid)
        source = number if application is None else application
        return Hook(
            source.sms_url,
            source.sms_method,
            source.sms_fallback_url,
            source.sms_fallback_method,
        )

    def _callback(self, number: Number | None, service: Service | None) -> str:
        if number is not None and number.sms_application_sid:
            application = self._tables.applications.get(number.sms_application_sid)
            if application is not None and application.callback:
                return application.callback
        return service.status_callback if service is not None else ""


def _switched_off(service: Service | None, to: str) -> str:
    """Why a service takes nothing; "" where it does."""
    if service is None or service.inbound_request_url or service.use_inbound_webhook_on_number:
        return ""
    return (
        f"{to} is in the Messaging Service {service.sid}, which has no inbound_request_url: Twilio "
        "then drops what comes in; give it one, or set use_inbound_webhook_on_number"
    )
