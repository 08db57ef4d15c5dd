"""Correct applications: no probe fails for them."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pytest
from aiohttp import web
from flask import Flask, Response, request
from multidict import MultiDict, MultiMapping
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN
from mockserver.edge.probe.exchange import Order
from mockserver.edge.probe.table import PROBES
from mockserver.edge.probing import Prober

if TYPE_CHECKING:
    from tests.edge.probe.conftest import Probed, Receiver
else:
    Receiver = object  # mixed in by `probed`

IDS: Final = {probe.id for probe in PROBES}


class Plain(Receiver):
    """As it comes."""


class Quiet(Receiver):
    """Correct too: serves GET, and answers with nothing at all."""

    methods = ("POST", "GET")

    async def form(self, request: web.Request) -> MultiMapping[str]:
        return await super().form(request) if request.method == "POST" else MultiDict()

    def respond(self, form: MultiMapping[str]) -> web.StreamResponse:
        return web.Response()


def outcomes(report: dict[str, Any], outcome: str) -> set[str]:
    return {each["id"] for each in report["findings"] if each["outcome"] == outcome}


@pytest.mark.parametrize("correct", [Plain, Quiet])
async def test_nothing_is_found_in_a_correct_application(
    correct: type[Receiver], probed: "Probed"
) -> None:
    """Every probe has its say, and none fails; notes there may be."""
    report = await probed(correct)
    assert outcomes(report, "failed") == outcomes(report, "skipped") == set()
    assert report["ok"]
    assert report["complete"]
    assert {each["id"] for each in report["findings"]} == IDS
    assert report["remarks"] == []


@pytest.fixture
def flask_url(served: Callable[[Flask], str]) -> str:
    """A Flask application as Twilio's documentation has it, under threads."""
    app, validator = Flask("app"), RequestValidator(DEFAULT_TOKEN)

    @app.post("/sms")
    def sms() -> Any:
        given = request.headers.get("X-Twilio-Signature", "")
        if not validator.validate(request.url, request.form, given):
            return "", 403
        if "MessageStatus" in request.form:
            return "", 204
        return Response(str(MessagingResponse()), content_type="text/xml")

    return f"{served(app)}/sms"


async def test_nothing_is_found_in_a_correct_flask_application(flask_url: str) -> None:
    """With the official validator and helper library; and no task is left behind."""
    order = Order(flask_url, DEFAULT_TOKEN, DEFAULT_SID)
    async with Prober().run(order) as run:
        await run.run()
    report = run.report()
    assert outcomes(report, "failed") == outcomes(report, "skipped") == set()
    assert outcomes(report, "note") == {"raw-query", "behind-proxy"}
    assert asyncio.all_tasks() == {asyncio.current_task()}
