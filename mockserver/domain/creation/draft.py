"""A message that somebody wants to make, as the checks look at it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import Address
from mockserver.domain.applications import Application
from mockserver.domain.errors import QUEUE_FULL, Problem, TwilioError, masked
from mockserver.domain.numbers import Number, Service
from mockserver.domain.options import Options

if TYPE_CHECKING:  # loaded with the first message from a template
    from mockserver.domain.content import ContentTemplate
    from mockserver.domain.content.rendering import Rendering


class Known(Protocol):
    """What the sandbox has been told about senders and recipients, and what it has sent."""

    def number(self, phone_number: str) -> Number | None:
        """The number, short code or other sender that was set up."""

    def service(self, sid: str) -> Service | None:
        """The Messaging Service that was set up or made."""

    def application(self, sid: str) -> Application | None:
        """The application that was made."""

    def was_service(self, sid: str) -> bool:
        """Whether there was a Messaging Service that has been deleted since."""

    def template(self, account: Account, sid: str) -> "ContentTemplate | None":
        """The account's content template."""

    def verified(self, account: Account, to: str) -> bool:
        """Whether a trial account may write to it."""

    def opted_out(self, from_: str, to: str) -> bool:
        """Whether the recipient wrote STOP to this sender."""

    def landline(self, to: str) -> bool:
        """Whether the recipient was set up as a landline."""

    def closed_countries(self, account: Account) -> tuple[str, ...]:
        """ISO 3166 codes of countries to which the account has no geo permission."""

    def sent(self, account_sid: str, since: int) -> int:
        """Messages that an account made since a time."""

    def scheduled(self, account_sid: str, limit: int) -> int:
        """Messages of an account that wait for their `SendAt`, counted no further than `limit`."""


class Draft(msgspec.Struct):
    """A form, its account, and what the sandbox knows; checks fill in what they parse."""

    form: Mapping[str, Any]
    account: Account
    known: Known
    options: Options
    now: int
    """Microseconds."""
    to: Address = Address("")
    sender: Address = Address("", "service")
    service_sid: str = ""
    """The service that either parameter names."""
    send_at: int = 0
    content: "Rendering | None" = None
    """What the message has of its template, if it is made from one."""

    @property
    def media(self) -> bool:
        if self.content is not None:
            return bool(self.content.media)
        return bool(self.form.get("MediaUrl"))

    def refuse(self, problem: Problem) -> TwilioError:
        """The refusal, in the wording in force, with what texts may name."""
        options = self.options
        if options.error_texts == "legacy" and problem.legacy:
            problem = replace(problem, text=problem.legacy)
        if problem is QUEUE_FULL and options.queue_full_status != problem.status:
            problem = replace(problem, status=options.queue_full_status)
        values = {
            **self.form,
            "To": self.to.value or self.form.get("To", ""),
            "From": self.sender.value or self.form.get("From", ""),
            "AccountSid": self.account.sid,
            "via": "MMS" if self.media else "SMS",
            "min_seconds": options.send_at_min,
            "max_seconds": options.send_at_max,
            "max_days": options.send_at_max // 86_400,
            "n": options.daily_messages,
        }
        values["To_masked"] = masked(values["To"])
        return TwilioError(problem, **values)


Check = Callable[[Draft], Problem | None]
"""Finds what is wrong with a draft, or nothing."""
