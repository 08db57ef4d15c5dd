"""The calls of `/stores` and `/cohorts`, loaded with the first one.

Few people come in a document, many as rows: CSV, or an object of JSON in each line, read from the
socket bit by bit.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from aiohttp import web

from mockserver.domain.audiences.blocks import Batch
from mockserver.domain.audiences.given import GivenCohort, GivenPeople, GivenStore
from mockserver.domain.audiences.rows import BadRow
from mockserver.domain.faults import Given, Scenario
from mockserver.edge.control import filters
from mockserver.edge.control.ask import Answer, Ask, encoded, read_json, rows_of
from mockserver.edge.control.refusals import Refusal
from mockserver.world.audiences.commands import Audiences, Changed, Taken, Unknown
from mockserver.world.audiences.filling import TooMany, in_turns, of_pieces, of_rows
from mockserver.world.audiences.finding import crowd
from mockserver.world.audiences.seeding import Plan, readied
from mockserver.world.audiences.stores import Cohort, Crowd, Store
from mockserver.world.clock import iso
from mockserver.world.queries import Found, in_parts
from mockserver.world.scenarios import parse_cohort, parse_store

LARGEST: Final = 1 << 29
"""Bytes of rows that are read: 500 for each of a million."""

# Stores


async def list_stores(ask: Ask) -> Answer:
    """All of them, oldest first."""
    return _page(
        ask, "stores", [_store(each) for each in ask.sandbox.tables.profile_stores.values()]
    )


async def make_store(ask: Ask) -> Answer:
    """A new one."""
    if rows_of(ask.request) is None:
        given = parse_store(ask.body)
    else:
        given = GivenStore(**_named(ask), people=GivenPeople(await _rows(ask)))
    [store] = (await _set_up(ask, Given(stores=(given,)))).stores
    return Answer(201, _store(_audiences(ask).store(store.id)))


async def fetch_store(ask: Ask) -> Answer:
    """One of them."""
    return Answer(200, _store(_its_store(ask)))


async def drop_store(ask: Ask) -> Answer:
    """End it, and its cohorts."""
    await _audiences(ask).drop(_its_store(ask))
    return Answer(204)


async def list_profiles(ask: Ask) -> Answer:
    """Who is in it."""
    store = _its_store(ask)
    return await _people(ask, "profiles", Crowd(store, None, store.count))


async def add_profiles(ask: Ask) -> Answer:
    """More of them."""
    audiences, store = _audiences(ask), _its_store(ask)
    batch = await _batch(ask, "profiles", store)
    with refusals():
        return Answer(201, _store(await audiences.add(store, batch)))


def _store(store: Store) -> dict[str, Any]:
    return {
        "id": store.id,
        "account_sid": store.account_sid,
        "name": store.name,
        "profiles": store.count,
        **_times(store),
    }


# Cohorts


async def list_cohorts(ask: Ask) -> Answer:
    """All of them, oldest first."""
    every = ask.sandbox.tables.cohorts.values()
    return _page(ask, "cohorts", [_cohort(ask, each) for each in every])


async def make_cohort(ask: Ask) -> Answer:
    """A new one."""
    if rows_of(ask.request) is None:
        given = parse_cohort(ask.body)
    else:
        given = GivenCohort(**_named(ask), people=GivenPeople(await _rows(ask)))
    [cohort] = (await _set_up(ask, Given(cohorts=(given,)))).cohorts
    return Answer(201, _cohort(ask, _audiences(ask).cohort(cohort.id)))


async def fetch_cohort(ask: Ask) -> Answer:
    """One of them."""
    return Answer(200, _cohort(ask, _its_cohort(ask)))


async def drop_cohort(ask: Ask) -> Answer:
    """End it."""
    await _audiences(ask).drop(_its_cohort(ask))
    return Answer(204)


async def list_members(ask: Ask) -> Answer:
    """Who belongs to it."""
    return await _people(ask, "members", crowd(ask.sandbox.tables, _its_cohort(ask)))


async def add_members(ask: Ask) -> Answer:
    """More of them: new people, or profiles of its store."""
    audiences, cohort = _audiences(ask), _its_cohort(ask)
    if "profiles" not in ask.body:
        store = audiences.store(cohort.store_id)
        batch = await _batch(ask, "members", store)
        with refusals():
            return Answer(201, _cohort(ask, await audiences.add_members(cohort, store, batch)))
    if "members" in ask.body:
        raise Refusal("bad_body", "say either `members` or `profiles`")
    with refusals():
        return Answer(201, _cohort(ask, await audiences.join(cohort, ask.body["profiles"])))


def _cohort(ask: Ask, cohort: Cohort) -> dict[str, Any]:
    return {
        "id": cohort.id,
        "account_sid": cohort.account_sid,
        "name": cohort.name,
        "store_id": cohort.store_id,
        "members": crowd(ask.sandbox.tables, cohort).count,
        **_times(cohort),
    }


# What both do


def _times(record: Store | Cohort) -> dict[str, str | None]:
    return {
        "created_at": iso(record.created_at) if record.created_at else None,
        "updated_at": iso(record.updated_at) if record.updated_at else None,
    }


def _audiences(ask: Ask) -> Audiences:
    return Audiences(ask.sandbox)


def _its_store(ask: Ask) -> Store:
    with refusals():
        return _audiences(ask).store(ask.params["id"])


def _its_cohort(ask: Ask) -> Cohort:
    with refusals():
        return _audiences(ask).cohort(ask.params["id"])


def _page(ask: Ask, key: str, documents: Sequence[dict[str, Any]]) -> Answer:
    cut = filters.cut(ask)
    part, after = cut.page(range(len(documents)))
    shown = [documents[place] for place in part]
    return Answer(200, filters.page(key, shown, Found(shown, len(documents), after), cut))


async def _people(ask: Ask, key: str, of: Crowd) -> Answer:
    """A page of some people."""
    cut = filters.cut(ask)
    part, after = cut.page(range(of.count))
    found: Found[int] = Found([], of.count, after)
    documents: list[dict[str, Any]] = []
    async for places in in_parts(part):
        documents += (_person(of, place) for place in places)
    return Answer(200, filters.page(key, documents, found, cut))


def _person(of: Crowd, number: int) -> dict[str, Any]:
    place = number if of.places is None else of.places[number]
    block, inside = of.store.block(place)
    ends = dict(block.ends(inside))
    return {
        "id": of.store.profile_id(place),
        "phone": ends.get("PHONE"),
        "whatsapp": ends.get("WHATSAPP"),
        "traits": block.traits_of(inside),
    }


# Setting up


async def _set_up(ask: Ask, given: Given) -> Plan:
    """Put a store or a cohort that is not there yet."""
    audiences = _audiences(ask)
    ready = await readied(Scenario("", given=given))
    with refusals():
        return await audiences.set_up(ready.given)


def _named(ask: Ask) -> dict[str, Any]:
    """What is said in the query of whom the rows are; refuse what a document could not say."""
    said: dict[str, Any] = {name: ask.parameter(name) for name in ask.query}
    schema = "store" if ask.request.path.endswith("/stores") else "cohort"
    read_json(encoded(said), schema)
    if not (said.get("id") or said.get("name")):
        raise Refusal("bad_parameter", "needs an `id` or a `name` in the query")
    return said


async def _rows(ask: Ask, store: Store | None = None) -> Batch:
    """The people in the body, row by row."""
    rows = rows_of(ask.request)
    if rows is None:
        raise Refusal("bad_body", "send rows as text/csv or application/x-ndjson")
    with refusals():
        return await of_pieces(_pieces(ask.request), rows, store)


async def _batch(ask: Ask, key: str, store: Store) -> Batch:
    """The people in the body, who are to join a store."""
    if rows_of(ask.request) is not None:
        return await _rows(ask, store)
    with refusals(key):
        return await in_turns(of_rows(ask.body.get(key, ()), store))


async def _pieces(request: web.BaseRequest) -> AsyncIterator[bytes]:
    """The body as it comes in; refuse what is packed, too large, or breaks off."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refusal("bad_body", "rows are read as they are: send them without Content-Encoding")
    if "Expect" in request.headers and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    size = request.content_length or 0
    came = 0
    try:
        async for piece in request.content.iter_any():
            came += len(piece)
            if max(came, size) > LARGEST:
                raise Refusal("too_large", f"the rows are larger than {LARGEST} bytes")
            yield piece
    except (web.RequestPayloadError, ConnectionError) as broken:
        raise Refusal("bad_body", f"the rows could not be read: {broken}") from None


@contextmanager
def refusals(key: str = "") -> Iterator[None]:
    """What the world refuses, in our own shape; `key` is that of a list whose places are told."""
    try:
        yield
    except Unknown as unknown:
        raise Refusal("not_found", str(unknown)) from None
    except Taken as taken:
        raise Refusal("already_there", str(taken)) from None
    except Changed as changed:
        raise Refusal("changed", str(changed)) from None
    except TooMany as many:
        raise Refusal("too_large", str(many)) from None
    except BadRow as bad:
        path = f"{key}[{bad.line}]" if key else f"line {bad.line}"
        fault = {"path": path, "message": bad.reason, "hint": ""}
        raise Refusal("bad_body", f"{path}: {bad.reason}", {"faults": [fault]}) from None
