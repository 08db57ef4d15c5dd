"""From a draft that has passed its checks to a message: its parts, its fate, its steps."""

from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain.accounts import TRIAL_PREFIX
from mockserver.domain.addresses import normalise
from mockserver.domain.creation import Draft
from mockserver.domain.errors import TwilioError
from mockserver.domain.lifecycle import DELIVERED, Fate, plan
from mockserver.domain.message import Delivery, Message, Steps
from mockserver.world.composing import Composer
from mockserver.world.dispatch import VALIDITY, Dispatch
from mockserver.world.known import Known
from mockserver.world.rulebook import Rulebook
from mockserver.world.tables import Tables, Unit, Wish

MISSING_PARAMETERS: Final = 63028
"""On a WhatsApp message whose template lacks a value. Source: Twilio's dictionary."""


class Intake:
    """Makes the messages that a create asks for."""

    def __init__(
        self, tables: Tables, rules: Rulebook, known: Known, composer: Composer, dispatch: Dispatch
    ) -> None:
        self._tables, self._rules, self._known = tables, rules, known
        self._composer, self._dispatch = composer, dispatch

    def make(self, draft: Draft, unit: Unit, origin: str) -> tuple[Message, Delivery]:
        """The message, and where it stands; raise 21611 where its sender's queue is full.

        `origin` is the door that it comes through.
        """
        message = self._compose(draft, origin)
        if draft.content is not None:
            self._tables.shown[message.sid] = draft.content.shown
            unit.put("shown", message.sid, draft.content.shown)
        status = "queued"
        if message.messaging_service_sid:
            status = "scheduled" if message.send_at else "accepted"
            self._wish(message, draft.form, unit)
        at, steps = message.created_at, ()
        if not message.test:
            steps = self._steps(message, status, draft, unit)
        return message, Delivery(status, at, (status, at, 0), steps)

    def _compose(self, draft: Draft, origin: str) -> Message:
        form, account, to, content = draft.form, draft.account, draft.to, draft.content
        body: str = form.get("Body", "") if content is None else content.body
        if account.trial:
            body = TRIAL_PREFIX + body
        service_sid = draft.service_sid
        return self._composer.compose(
            account.sid,
            origin,
            to,
            "" if draft.sender.kind == "service" else draft.sender.value,
            body,
            tuple(form.get("MediaUrl", ())) if content is None else content.media,
            draft.now,
            smart=self._smart(form, service_sid),
            as_mms=form.get("SendAsMms", False),
            template=content is not None,
            messaging_service_sid=service_sid,
            status_callback=self._callback_url(form, service_sid),
            send_at=draft.send_at,
            tags=form.get("Tags", ""),
            test=account.test,
        )

    def _smart(self, form: Mapping[str, Any], service_sid: str) -> bool:
        """As the message says, else its service; one that was never set up has the defaults."""
        if "SmartEncoded" in form or not service_sid:
            return bool(form.get("SmartEncoded"))
        service = self._known.service(service_sid)
        return service is None or service.smart_encoding

    def _callback_url(self, form: Mapping[str, Any], service_sid: str) -> str:
        url: str = form.get("StatusCallback", "")
        if not url and "ApplicationSid" in form:
            application = self._known.application(form["ApplicationSid"])
            url = application.callback if application is not None else ""
        if not url and service_sid and (service := self._known.service(service_sid)):
            return service.status_callback
        return url

    def _wish(self, message: Message, form: Mapping[str, Any], unit: Unit) -> None:
        """Keep what matters once the message is queued."""
        if "ValidityPeriod" in form or "FallbackFrom" in form:
            fallback = normalise(form.get("FallbackFrom", ""))
            wish = Wish(form.get("ValidityPeriod", VALIDITY), fallback)
            self._tables.wishes[message.sid] = wish
            unit.put("wishes", message.sid, wish)

    def _steps(self, message: Message, status: str, draft: Draft, unit: Unit) -> Steps:
        fate = self._fate(message, draft)
        if not draft.options.rates.enabled:
            return plan(status, message.send_at or message.created_at, message.channel, fate)
        validity = draft.form.get("ValidityPeriod", VALIDITY)
        try:
            return self._dispatch.steps(message, status, fate, validity, unit)
        except TwilioError as full:
            raise draft.refuse(full.problem) from None

    def _fate(self, message: Message, draft: Draft) -> Fate:
        """By rule or number; else WhatsApp's own rules have a word in it.

        One that waits for its `SendAt` meets rule and number when it is queued.
        """
        fate = DELIVERED if message.send_at else self._rules.fate(message)
        if message.channel != "whatsapp" or fate is not DELIVERED:
            return fate
        content = draft.content
        if content is not None and content.missing:
            return Fate("failed", MISSING_PARAMETERS)
        free = content is None or content.free
        code = self._known.whatsapp_refusal(message, self._rules.options, free_text=free)
        return Fate("undelivered", code) if code else fate
