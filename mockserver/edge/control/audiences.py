"""`/stores` and `/cohorts`: whom the Communications API may write to. The table of its calls."""

from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from mockserver.domain.faults import Scenario
from mockserver.edge.control import filters
from mockserver.edge.control.ask import Answer, Ask, Handler, Route
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Tables

NAMED: Final = ("id", "name", "account_sid")
"""What the query says of whose the rows of a body are."""


async def ready(scenario: Scenario, sandbox: Sandbox | None) -> Scenario:
    """With its people read and made up; raise `ScenarioError`, before anything is changed.

    `sandbox` is the one that it is for, None for a new one.
    """
    if not (scenario.given.stores or scenario.given.cohorts):
        return scenario
    from mockserver.world.audiences.seeding import planned, readied

    found = await readied(scenario)
    tables = Tables() if sandbox is None else sandbox.tables
    planned(found.given, "" if sandbox is None else sandbox.accounts.first.sid, tables)
    return found


def _later(pick: Callable[[Any], Handler]) -> Handler:
    """One of `audience_calls`: few servers are asked for any, and there is much behind them."""

    async def handler(ask: Ask) -> Answer | web.StreamResponse:
        from mockserver.edge.control import audience_calls

        return await pick(audience_calls)(ask)

    return handler


def _listing(path: str, handler: Handler, summary: str, answer: str) -> Route:
    return Route("GET", path, handler, summary, answer=answer, query=filters.LIST)


ROUTES: Final = (
    _listing(
        "/stores", _later(lambda calls: calls.list_stores), "The stores of profiles.", "Stores"
    ),
    Route(
        "POST",
        "/stores",
        _later(lambda calls: calls.make_store),
        "Make a store: of a document as in a seed, or of rows (text/csv, application/x-ndjson).",
        body="store",
        answer="Store",
        query=NAMED,
        status=201,
        rows=True,
    ),
    Route(
        "GET", "/stores/{id}", _later(lambda calls: calls.fetch_store), "One store.", answer="Store"
    ),
    Route(
        "DELETE",
        "/stores/{id}",
        _later(lambda calls: calls.drop_store),
        "End a store, and its cohorts.",
        status=204,
    ),
    _listing(
        "/stores/{id}/profiles",
        _later(lambda calls: calls.list_profiles),
        "The profiles of a store.",
        "Profiles",
    ),
    Route(
        "POST",
        "/stores/{id}/profiles",
        _later(lambda calls: calls.add_profiles),
        "Add profiles, of a document or of rows.",
        body="control/AddProfiles",
        answer="Store",
        status=201,
        rows=True,
    ),
    _listing("/cohorts", _later(lambda calls: calls.list_cohorts), "The cohorts.", "Cohorts"),
    Route(
        "POST",
        "/cohorts",
        _later(lambda calls: calls.make_cohort),
        "Make a cohort: of a document as in a seed, or of rows (text/csv, application/x-ndjson).",
        body="cohort",
        answer="Cohort",
        query=NAMED,
        status=201,
        rows=True,
    ),
    Route(
        "GET",
        "/cohorts/{id}",
        _later(lambda calls: calls.fetch_cohort),
        "One cohort.",
        answer="Cohort",
    ),
    Route(
        "DELETE",
        "/cohorts/{id}",
        _later(lambda calls: calls.drop_cohort),
        "End a cohort.",
        status=204,
    ),
    _listing(
        "/cohorts/{id}/members",
        _later(lambda calls: calls.list_members),
        "The members of a cohort.",
        "Members",
    ),
    Route(
        "POST",
        "/cohorts/{id}/members",
        _later(lambda calls: calls.add_members),
        "Add members: new people, of a document or of rows, or profiles of its store.",
        body="control/AddMembers",
        answer="Cohort",
        status=201,
        rows=True,
    ),
)
