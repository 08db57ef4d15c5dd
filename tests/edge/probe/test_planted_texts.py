"""Applications with one defect each, in what they take for statuses and texts, and in TwiML.

As in `test_planted.py`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.request import urlopen

import pytest
from aiohttp import web
from multidict import MultiMapping

from mockserver.edge.probe import documents, statuses, texts
from mockserver.edge.probe.statuses import DOCUMENTED

if TYPE_CHECKING:
    from tests.edge.probe.conftest import Probed, Receiver
else:
    Receiver = object  # mixed in by `probed`

Form = MultiMapping[str]


def twiml(text: str, kind: str = "text/xml") -> web.Response:
    return web.Response(text=text, content_type=kind)


class KnowsFewStatuses(Receiver):
    fails: ClassVar[set[str]] = {"documented-statuses", "unknown-status", "whatsapp-statuses"}

    def status(self, form: Form) -> web.StreamResponse:
        known = {"queued", "sent", "delivered", "undelivered", "failed"}
        return web.Response(status=204 if form["MessageStatus"] in known else 400)


class RefusesUnknownStatuses(Receiver):
    fails: ClassVar[set[str]] = {"unknown-status"}

    def status(self, form: Form) -> web.StreamResponse:
        known = set(DOCUMENTED)
        return web.Response(status=204 if form["MessageStatus"] in known else 422)


class WantsOrder(Receiver):
    fails: ClassVar[set[str]] = {"out-of-order"}

    def status(self, form: Form) -> web.StreamResponse:
        if form["MessageStatus"] == "delivered":
            self.seen.append(form["MessageSid"])
        elif form["MessageSid"] in self.seen:
            return web.Response(status=409)
        return web.Response(status=204)


class LooksErrorsUp(Receiver):
    fails: ClassVar[set[str]] = {"error-codes"}

    def status(self, form: Form) -> web.StreamResponse:
        known = {"": "", "30003": "unreachable", "21610": "unsubscribed"}
        return web.Response(status=200, text=known[form.get("ErrorCode", "")])


class NeedsGeography(Receiver):
    fails: ClassVar[set[str]] = {"no-geography", "whatsapp"}

    def text(self, form: Form) -> web.StreamResponse:
        return super().text(form) if form["FromCity"] != "?" else web.Response(status=400)


class WantsPlus(Receiver):
    fails: ClassVar[set[str]] = {"short-code", "whatsapp", "whatsapp-statuses"}

    def respond(self, form: Form) -> web.StreamResponse:
        if not form.get("From", "+").startswith("+"):
            return web.Response(status=400)
        return super().respond(form)


class NeedsText(Receiver):
    fails: ClassVar[set[str]] = {"empty-body", "media-only", "whatsapp"}

    def text(self, form: Form) -> web.StreamResponse:
        if not form["Body"]:
            return web.Response(status=400)
        return super().text(form)


class FetchesMedia(Receiver):
    fails: ClassVar[set[str]] = {"mms", "media-only", "many-media"}

    def text(self, form: Form) -> web.StreamResponse:
        for place in range(int(form["NumMedia"])):
            urlopen(form[f"MediaUrl{place}"], timeout=self.timeout).close()
        return super().text(form)


class KnowsNoFallback(Receiver):
    fails: ClassVar[set[str]] = {"fallback-call", "opt-out-type"}

    def text(self, form: Form) -> web.StreamResponse:
        if form.keys() & {"ErrorCode", "ErrorUrl", "OptOutType"}:
            return web.Response(status=400, text="unexpected parameter")
        return super().text(form)


class RepliesToStop(Receiver):
    fails: ClassVar[set[str]] = {"stop-reply"}

    def text(self, form: Form) -> web.StreamResponse:
        return twiml("<Response><Message>Thank you.</Message></Response>")


class KnowsStopInCapitals(RepliesToStop):
    fails: ClassVar[set[str]] = {"stop-reply"}

    def text(self, form: Form) -> web.StreamResponse:
        stopped = self.opts_out(form) and form["Body"].isupper()
        return web.Response(status=204) if stopped else super().text(form)


def says(name: str, probe: str, answer: Callable[[], web.StreamResponse]) -> type[Receiver]:
    """A receiver that answers every text alike."""
    body = {"fails": {probe}, "text": lambda self, form: answer()}
    return type(name, (Receiver,), body)


PAGE: Final = "<!DOCTYPE html><html><head><title>Oops</title></head><body><p>Error</body></html>"


LONG: Final = "<Response><Message>%s</Message></Response>"


PLANTED: Final[tuple[type[Receiver], ...]] = (
    *(KnowsFewStatuses, RefusesUnknownStatuses, WantsOrder, LooksErrorsUp, NeedsGeography),
    *(WantsPlus, NeedsText, FetchesMedia, KnowsNoFallback, RepliesToStop, KnowsStopInCapitals),
    says("ShowsAPage", "twiml-not-html", lambda: twiml(PAGE, "text/html")),
    says("AnswersJson", "twiml-content-type", lambda: web.json_response({"ok": True})),
    says("SaysOk", "twiml-well-formed", lambda: twiml("OK", "text/html")),
    says("ForgetsTheRoot", "twiml-root", lambda: twiml("<Message>Hi</Message>")),
    says("Speaks", "twiml-verbs", lambda: twiml("<Response><Say>Hi</Say></Response>")),
    says(
        "Styles", "twiml-verbs", lambda: twiml("<Response><Redirect a='b'>/</Redirect></Response>")
    ),
    says("Floods", "twiml-size", lambda: twiml(LONG % ("x" * 70_000))),
    says("SaysNothing", "twiml-replies", lambda: twiml("<Response><Message/></Response>")),
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
    looked = (*statuses.PROBES, *texts.PROBES, *documents.PROBES)
    assert {probe.id for probe in looked} - found == {"help-reply", "plain-text"}
