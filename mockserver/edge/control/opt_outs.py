"""`/opt_outs`: who has written STOP to whom, and what Messaging Services do about such words."""

from typing import Any, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.addresses import BadAddress, parse_from, parse_to
from mockserver.domain.consent import BadSettings, read_settings
from mockserver.domain.matching import TEXT_FIELDS, near
from mockserver.domain.numbers import OptOut, Service
from mockserver.edge.control import filters
from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.refusals import Refusal
from mockserver.world.clock import iso
from mockserver.world.consent import Consent
from mockserver.world.known import Known
from mockserver.world.queries import Found
from mockserver.world.tables import Unit

FIELDS: Final = {name: TEXT_FIELDS[name] for name in ("from", "to")}


def _consent(ask: Ask) -> Consent:
    sandbox = ask.sandbox
    return Consent(sandbox.tables, Known(sandbox.tables, sandbox.clock))


async def list_(ask: Ask) -> Answer:
    """Those that match, oldest first."""
    found, cut = _consent(ask).listed(filters.matcher(ask, FIELDS)), filters.cut(ask)
    part, after = cut.page(range(len(found)))
    documents = [_document(found[place]) for place in part]
    page = Found(documents, len(found), after)
    return Answer(200, filters.page("opt_outs", documents, page, cut))


def _document(out: OptOut) -> dict[str, Any]:
    return {"from": out.from_, "to": out.to, "at": iso(out.at) if out.at else None}


async def add(ask: Ask) -> Answer:
    """As if the recipient had written STOP."""
    ask.sandbox.engine.catch_up()
    unit = Unit()
    out = _consent(ask).put(_address(ask, "from"), _address(ask, "to"), unit)
    await ask.sandbox.engine.commit(unit)
    return Answer(201, _document(out))


def _address(ask: Ask, name: str) -> str:
    text: str = ask.body[name]
    try:
        return (parse_from if name == "from" else parse_to)(text).value
    except BadAddress as bad:
        raise _bad(name, str(bad)) from None


def _bad(name: str, message: str) -> Refusal:
    fault = {"path": name, "message": message, "hint": ""}
    return Refusal("bad_body", f"{name}: {message}", {"faults": [fault]})


async def remove(ask: Ask) -> Answer:
    """Those that match may be written to again; all may, where nothing is asked for."""
    ask.sandbox.engine.catch_up()
    consent, unit = _consent(ask), Unit()
    consent.lift(consent.listed(filters.matcher(ask, FIELDS)), unit)
    await ask.sandbox.engine.commit(unit)
    return Answer(204)


# Settings of a service


async def fetch_settings(ask: Ask) -> Answer:
    """As they are in force, all of them."""
    return Answer(200, msgspec.to_builtins(_service(ask).opt_out))


async def put_settings(ask: Ask) -> Answer:
    """Replace them; what is left out is as by default."""
    service = _service(ask)
    try:
        settings = read_settings(ask.body)
    except BadSettings as bad:
        raise _bad(bad.field, str(bad)) from None
    unit = Unit()
    changed = replace(service, opt_out=settings)
    ask.sandbox.tables.services[service.sid] = changed
    unit.put("services", service.sid, changed)
    await ask.sandbox.engine.commit(unit)
    return Answer(200, msgspec.to_builtins(settings))


def _service(ask: Ask) -> Service:
    sid, services = ask.params["sid"], ask.sandbox.tables.services
    if sid not in services:
        hint = near(sid, services)
        meant = f"; did you mean {hint}?" if hint else ""
        raise Refusal("not_found", f"there is no Messaging Service {sid!r}{meant}", {"hint": hint})
    return services[sid]


ROUTES: Final = (
    Route(
        "GET",
        "/opt_outs",
        list_,
        "Who has written STOP to whom.",
        answer="OptOuts",
        query=(*FIELDS, *filters.LIST),
    ),
    Route(
        "POST",
        "/opt_outs",
        add,
        "As if a recipient had written STOP to a sender or a Messaging Service.",
        body="control/OptOutPair",
        answer="OptOut",
        status=201,
    ),
    Route(
        "DELETE",
        "/opt_outs",
        remove,
        "Let those that match be written to again, or all of them.",
        query=tuple(FIELDS),
        status=204,
    ),
    Route(
        "GET",
        "/opt_outs/settings/{sid}",
        fetch_settings,
        "What a Messaging Service does about STOP, START and HELP.",
        answer="OptOutSettings",
    ),
    Route(
        "PUT",
        "/opt_outs/settings/{sid}",
        put_settings,
        "Set that: Advanced Opt-Out, or no opt-out management.",
        body="control/OptOutSettings",
        answer="OptOutSettings",
    ),
)
