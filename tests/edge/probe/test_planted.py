"""Applications with one defect each, in what they validate and how they speak HTTP.

Every class is mixed into the correct receiver, and says which probes must fail for it: several
where one defect shows in several ways. No others may.
"""

import asyncio
import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import parse_qsl, unquote

import pytest
from aiohttp import web
from multidict import MultiDict, MultiMapping
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from mockserver.domain.accounts import DEFAULT_TOKEN
from mockserver.edge.probe import contents, first, forgeries, manners
from mockserver.edge.probe.table import PROBES

if TYPE_CHECKING:
    from tests.edge.probe.conftest import Probed, Receiver, Report
else:
    Receiver = object  # mixed in by `probed`

Form = MultiMapping[str]

IDS: Final = {probe.id for probe in PROBES}
FORGERIES: Final = {probe.id for probe in PROBES if probe.expected.startswith("Refuses")} - {
    "unhashed-json"
}

"""What is accepted where signatures are not checked; JSON is no form, and so refused anyway."""


class BelievesEverybody(Receiver):
    fails = FORGERIES

    def genuine(self, request: web.Request, form: Form) -> bool:
        return True


class WantsAnyHeader(Receiver):
    fails = FORGERIES - {"missing-signature", "empty-signature"}

    def genuine(self, request: web.Request, form: Form) -> bool:
        return bool(self.header(request))


class ValidatesWhatIsSigned(Receiver):
    """The classic `if signature and not valid(…)`."""

    fails: ClassVar[set[str]] = {"missing-signature", "empty-signature"}

    def genuine(self, request: web.Request, form: Form) -> bool:
        return not self.header(request) or super().genuine(request, form)


class TakesTheHeaderForGranted(Receiver):
    fails: ClassVar[set[str]] = {"missing-signature"}

    def header(self, request: web.Request) -> str:
        return request.headers["X-Twilio-Signature"]


class KnowsAnotherToken(Receiver):
    fails: ClassVar[set[str]] = {"valid-signature"}

    def genuine(self, request: web.Request, form: Form) -> bool:
        return bool(
            RequestValidator("1" * 32).validate(self.url(request), form, self.header(request))
        )


class ComparesText(Receiver):
    """`hmac.compare_digest` raises for text beyond ASCII."""

    fails: ClassVar[set[str]] = {"non-ascii-signature"}

    def genuine(self, request: web.Request, form: Form) -> bool:
        right = RequestValidator(DEFAULT_TOKEN).compute_signature(self.url(request), form)
        return hmac.compare_digest(right, self.header(request))


class DecodesTheHeader(Receiver):
    fails: ClassVar[set[str]] = {"garbage-signature", "non-ascii-signature"}

    def genuine(self, request: web.Request, form: Form) -> bool:
        b64decode(self.header(request), validate=True)
        return super().genuine(request, form)


def signed(url: str, pairs: Mapping[str, str]) -> str:
    """A signature as an application computes it by hand."""
    text = url + "".join(name + pairs[name] for name in sorted(pairs))
    return b64encode(
        hmac.new(DEFAULT_TOKEN.encode(), text.encode(), hashlib.sha1).digest()
    ).decode()


class Handmade(Receiver):
    """Computes the signature itself, of one value for each name."""

    fails: ClassVar[set[str]] = {"repeated-parameters", "smuggled-value"}

    def signable(self, form: Form) -> dict[str, str]:
        return {name: form[name] for name in form}

    def genuine(self, request: web.Request, form: Form) -> bool:
        right = signed(self.url(request), self.signable(form))
        return hmac.compare_digest(right.encode(), self.header(request).encode("utf-8", "replace"))


KNOWN: Final = {
    *("RawDlrDoneDate", "SmsSid", "SmsStatus", "MessageStatus", "To", "MessageSid"),
    *("AccountSid", "From", "ApiVersion", "ErrorCode", "EventType", "ChannelPrefix"),
    *("ChannelInstallSid", "MessagingServiceSid", "Body", "ToCountry", "ToState", "SmsMessageSid"),
    *("NumMedia", "ToCity", "FromZip", "FromState", "FromCity", "FromCountry"),
    *("ToZip", "NumSegments", "ProfileName", "MessageType", "WaId", "ReferralNumMedia"),
    *("ButtonText", "ButtonPayload", "Latitude", "Longitude", "Address", "Label"),
    *("OptOutType", "ErrorUrl"),
}


class SignsWhatItKnows(Handmade):
    fails = Handmade.fails | {
        *("added-parameter", "unknown-parameter", "empty-values", "non-ascii-names"),
        *("large-form", "mms", "media-only", "many-media"),
    }

    def signable(self, form: Form) -> dict[str, str]:
        return {name: form[name] for name in form if name in KNOWN}


class LeavesTheFormOut(Handmade):
    fails: ClassVar[set[str]] = {"valid-signature"}

    def signable(self, form: Form) -> dict[str, str]:
        return {}


class IgnoresTheQuery(Receiver):
    fails: ClassVar[set[str]] = {"query-string", "encoded-query", "another-query"}

    def url(self, request: web.Request) -> str:
        return f"{request.scheme}://{request.host}{request.path}"


class DecodesTheQuery(Receiver):
    fails: ClassVar[set[str]] = {"encoded-query"}

    def url(self, request: web.Request) -> str:
        return unquote(super().url(request))


class DropsEmptyValues(Receiver):
    fails: ClassVar[set[str]] = {"empty-values", "empty-body", "media-only", "whatsapp"}

    async def form(self, request: web.Request) -> Form:
        return MultiDict(parse_qsl(await request.text()))


class TrimsValues(Receiver):
    fails: ClassVar[set[str]] = {"white-space"}

    async def form(self, request: web.Request) -> Form:
        found = (await super().form(request)).items()
        return MultiDict((name, value.strip()) for name, value in found)

    def text(self, form: Form) -> web.StreamResponse:
        return web.Response()


class ReadsLatin(Receiver):
    fails: ClassVar[set[str]] = {"emoji", "other-scripts", "non-ascii-names", "whatsapp"}

    async def form(self, request: web.Request) -> Form:
        text = (await request.read()).decode()
        return MultiDict(parse_qsl(text, keep_blank_values=True, encoding="latin-1"))


class TakesLittle(Receiver):
    fails: ClassVar[set[str]] = {"large-form"}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if (request.content_length or 0) > 8_000:
            return web.Response(status=413)
        return await super().answer(request)


class ParsesWhateverIsJson(Receiver):
    fails: ClassVar[set[str]] = {"json-body", "unhashed-json"}

    async def form(self, request: web.Request) -> Form:
        if request.content_type == "application/json":
            return MultiDict(json.loads((await request.text())[:-1]))
        return await super().form(request)


class Redirects(Receiver):
    fails: ClassVar[set[str]] = {"no-redirect"}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPMovedPermanently(f"{request.path}/")


class Hangs(Receiver):
    fails: ClassVar[set[str]] = {"answer-time"}
    timeout = 0.2

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await self.over.wait()
        return web.Response()


class CrashesOnGet(Receiver):
    fails: ClassVar[set[str]] = {"get", "unsigned-get", "head"}
    methods = ("POST", "GET")

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method != "POST":
            raise KeyError(request.method)
        return await super().answer(request)


class AnswersEverybodysGet(Receiver):
    fails: ClassVar[set[str]] = {"unsigned-get"}
    methods = ("POST", "GET")
    kinds = ("inbound",)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method != "POST":
            return self.respond(MultiDict(request.query))
        return await super().answer(request)


class RefusesDuplicates(Receiver):
    fails: ClassVar[set[str]] = {"duplicate-delivery"}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        answer = await super().answer(request)
        token = request.headers["I-Twilio-Idempotency-Token"]
        if answer.status < 300:
            if token in self.seen:
                return web.Response(status=409)
            self.seen.append(token)
        return answer


class RemembersTooEarly(Receiver):
    """Refuses the retry of what it has begun; what is done is answered again."""

    fails: ClassVar[set[str]] = {"retry"}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        token = request.headers["I-Twilio-Idempotency-Token"]
        begun, done = ("begun", token), ("done", token)
        if begun in self.seen and done not in self.seen:
            return web.Response(status=409)
        self.seen.append(begun)
        answer = await super().answer(request)
        self.seen.append(done)
        return answer


class WorksAlone(Receiver):
    """Has one worker and turns away whom it has no time for."""

    fails: ClassVar[set[str]] = {"concurrent"}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if self.lock.locked():
            return web.Response(status=503)
        async with self.lock:
            for _ in range(5):
                await asyncio.to_thread(hash, "work")
            return await super().answer(request)


class HangsUp(Receiver):
    fails: ClassVar[set[str]] = {"valid-signature"}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()


class StumblesOnce(Receiver):
    fails: ClassVar[set[str]] = {"valid-signature"}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        return web.Response(status=500) if len(self.seen) == 1 else await super().answer(request)


class QuotesAll(Receiver):
    fails: ClassVar[set[str]] = {"long-body"}

    def text(self, form: Form) -> web.StreamResponse:
        if self.opts_out(form):
            return super().text(form)
        reply = MessagingResponse()
        reply.message(f"You wrote {form['Body']}")
        return self.twiml(str(reply))


class Pastes(Receiver):
    """Makes XML by putting texts together."""

    fails: ClassVar[set[str]] = {"markup", "special-characters"}

    def text(self, form: Form) -> web.StreamResponse:
        if self.opts_out(form):
            return super().text(form)
        return self.twiml(f"<Response><Message>{form['Body'][:1500]}.</Message></Response>")


class ReadsSettingsOfServices(Receiver):
    fails: ClassVar[set[str]] = {"messaging-service"}

    def respond(self, form: Form) -> web.StreamResponse:
        known = {"": "no service"}
        assert known[form.get("MessagingServiceSid", "")]
        return super().respond(form)


PLANTED: Final[tuple[type[Receiver], ...]] = (
    BelievesEverybody,
    WantsAnyHeader,
    ValidatesWhatIsSigned,
    TakesTheHeaderForGranted,
    KnowsAnotherToken,
    ComparesText,
    DecodesTheHeader,
    Handmade,
    SignsWhatItKnows,
    LeavesTheFormOut,
    IgnoresTheQuery,
    DecodesTheQuery,
    DropsEmptyValues,
    TrimsValues,
    ReadsLatin,
    TakesLittle,
    ParsesWhateverIsJson,
    Redirects,
    Hangs,
    CrashesOnGet,
    AnswersEverybodysGet,
    RefusesDuplicates,
    RemembersTooEarly,
    WorksAlone,
    HangsUp,
    StumblesOnce,
    QuotesAll,
    Pastes,
    ReadsSettingsOfServices,
)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda each: each.__name__)
async def test_a_planted_defect_is_found(planted: type[Receiver], probed: "Probed") -> None:
    """The probes that fail are those about the defect, and no others."""
    report = await probed(planted)
    wrong = [each for each in report["findings"] if each["outcome"] == "failed"]
    assert {each["id"] for each in wrong} == planted.fails, wrong
    assert not report["ok"]


def test_every_probe_has_a_defect_to_find() -> None:
    """What can fail fails for one of the receivers above; the others only take notes."""
    found = set().union(*(planted.fails for planted in PLANTED))
    looked = (*first.PROBES, *forgeries.PROBES, *manners.PROBES, *contents.PROBES)
    notes = {"status-answer", "raw-query", "other-port", "behind-proxy"}
    assert {probe.id for probe in looked} - found - notes == {"reachable"}  # see test_run.py


def outcomes(report: "Report", outcome: str) -> set[str]:
    return {each["id"] for each in report["findings"] if each["outcome"] == outcome}


async def test_unchecked_signatures_are_said_first(probed: "Probed") -> None:
    """Once, before the table, and the rest is tried all the same."""
    report = await probed(BelievesEverybody)
    [remark] = report["remarks"]
    assert remark.startswith("Signatures are not checked (status, inbound)")
    insecure = {each["id"] for each in report["findings"] if each["severity"] == "insecure"}
    assert insecure == FORGERIES
    assert "stop-reply" in outcomes(report, "passed")


async def test_a_refused_plain_request_explains_the_rest(probed: "Probed") -> None:
    """What depends on it is skipped, and the report says how it would have been accepted."""
    report = await probed(LeavesTheFormOut)
    [finding] = [each for each in report["findings"] if each["id"] == "valid-signature"][:1]
    assert finding["said"] == "answered 403, but accepted when its parameters are not signed"
    assert "wrong-token" in outcomes(report, "skipped")
    assert len(report["remarks"]) == 2
