"""Forms as Twilio posts them, and how they are signed, or made not to fit their signature.

Names and order are those of captured webhooks (status callbacks 2022, inbound SMS 2022 to 2024).
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from mockserver.domain.forms import add_query, encode_form
from mockserver.domain.signature import sign, sign_json
from mockserver.edge.probe.exchange import Kind, Params, Shot

Changes = Mapping[str, str | None]
"""Parameters that are put in place of what is there, added, or (None) left out."""

HANDSET: Final = "+14155552671"
NUMBER: Final = "+15017122661"
FORM: Final = "application/x-www-form-urlencoded"
JSON: Final[Params] = (("Content-Type", "application/json"),)


class Draft(msgspec.Struct, frozen=True):
    """A form on its way out; what is sent and what is signed may be told apart."""

    url: str
    params: Params
    key: str
    """The Auth Token that signs."""
    idempotency_token: str
    method: str = "POST"
    signed_url: str | None = None
    """None: the one that is called."""
    signed_params: Params | None = None
    """None: those that are sent."""
    signature: str | msgspec.UnsetType | None = msgspec.UNSET
    """In place of the right one; None leaves the header out."""
    headers: Params = ()

    def shot(self) -> Shot:
        """The request; a GET and a HEAD have their parameters in the query."""
        bodiless = self.method in ("GET", "HEAD")
        url = add_query(self.url, self.params) if bodiless else self.url
        body = None if bodiless else encode_form(self.params).encode()
        headers = self.headers if bodiless else (("Content-Type", FORM), *self.headers)
        signature = self._signature(url, () if bodiless else self.params)
        return Shot(self.method, url, self.idempotency_token, signature, body, headers)

    def _signature(self, url: str, params: Params) -> str | None:
        if self.signature is not msgspec.UNSET:
            return self.signature
        signed = params if self.signed_params is None else self.signed_params
        return sign(self.signed_url or url, signed, self.key)

    def but(self, **fields: object) -> "Draft":
        """The same with other fields."""
        return msgspec.structs.replace(self, **fields)

    def edited(self, changes: Changes) -> "Draft":
        """The same with other parameters, and a signature that fits them."""
        return self.but(params=changed(self.params, changes))

    def tampered(self, changes: Changes) -> "Draft":
        """The same with other parameters, and the signature of what was there before."""
        return self.but(params=changed(self.params, changes), signed_params=self.params)


def changed(params: Params, changes: Changes) -> Params:
    """Parameters with the changes made; new ones stand at the end."""
    named = {name for name, _ in params}
    kept = ((name, changes.get(name, value)) for name, value in params)
    new = ((name, value) for name, value in changes.items() if name not in named)
    return tuple((name, value) for name, value in (*kept, *new) if value is not None)


def plain(kind: Kind, account_sid: str, sid: str) -> Params:
    """What Twilio posts on an ordinary day."""
    return _FORMS[kind](account_sid, sid)


def status(name: str) -> dict[str, str]:
    """The two parameters that name a message's status."""
    return {"SmsStatus": name, "MessageStatus": name}


def _status(account_sid: str, sid: str) -> Params:
    return (
        ("RawDlrDoneDate", "2612010000"),
        ("SmsSid", sid),
        ("SmsStatus", "delivered"),
        ("MessageStatus", "delivered"),
        ("To", HANDSET),
        ("MessageSid", sid),
        ("AccountSid", account_sid),
        ("From", NUMBER),
        ("ApiVersion", "2010-04-01"),
    )


def _inbound(account_sid: str, sid: str) -> Params:
    return (
        ("ToCountry", "US"),
        ("ToState", "TX"),
        ("SmsMessageSid", sid),
        ("NumMedia", "0"),
        ("ToCity", "DALLAS"),
        ("FromZip", "94103"),
        ("SmsSid", sid),
        ("FromState", "CA"),
        ("SmsStatus", "received"),
        ("FromCity", "SAN FRANCISCO"),
        ("Body", "Hello"),
        ("FromCountry", "US"),
        ("To", NUMBER),
        ("ToZip", "75201"),
        ("NumSegments", "1"),
        ("MessageSid", sid),
        ("AccountSid", account_sid),
        ("From", HANDSET),
        ("ApiVersion", "2010-04-01"),
    )


_FORMS: Final = {"status": _status, "inbound": _inbound}


def json_shot(draft: Draft, body: bytes) -> Shot:
    """A JSON body, its digest in the query, which is signed."""
    url, signature = sign_json(draft.url, body, draft.key)
    return Shot("POST", url, draft.idempotency_token, signature, body, JSON)
