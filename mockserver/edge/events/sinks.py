"""`/v1/Sinks`: where events go; routes, handlers and rendering."""

from typing import Final

from mockserver.domain.errors import TwilioError
from mockserver.domain.events.problems import BAD_SINK_SID
from mockserver.domain.events.sinks import Sink, configured
from mockserver.domain.sids import is_sid
from mockserver.edge.events.shared import FOLDER, Document, ask, date, listed, read, reply
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.world.events.sinks import Sinks


async def create(call: Call) -> Reply:
    """Make a sink; a webhook is active at once."""
    form = read(call, "CreateSink")
    kind = form["SinkType"]
    configuration, ignored = configured(kind, form["SinkConfiguration"])
    call.warnings += [
        f"`{name[:100]}` is no member of a {kind} sink's configuration and was ignored"
        for name in ignored
    ]
    sinks = Sinks(call.sandbox)
    sink = await sinks.create(call.account, kind, configuration, form["Description"])
    return reply(201, render(call, sink))


async def list_(call: Call) -> Reply:
    """The account's sinks, newest first; those in use or not, or of one status."""
    asked, sinks = ask(call, "ListSink"), Sinks(call.sandbox)
    in_use, status = (asked.filters.get(name) for name in ("InUse", "Status"))

    def fits(sink: Sink) -> bool:
        used = in_use is None or sinks.in_use(sink.sid) == in_use
        return used and status in (None, sink.status)

    found = sinks.page(call.account, asked.page, fits)
    return listed(call, ROOT, "sinks", asked, found, render)


async def fetch(call: Call) -> Reply:
    """One sink."""
    return reply(200, render(call, _find(call)))


async def update(call: Call) -> Reply:
    """Describe it otherwise; nothing else of it can be changed."""
    sink = _find(call)
    description = read(call, "UpdateSink")["Description"]
    return reply(200, render(call, await Sinks(call.sandbox).describe(sink, description)))


async def delete(call: Call) -> Reply:
    """Forget one that no subscription leads to."""
    await Sinks(call.sandbox).delete(_find(call))
    return Reply(204)


async def test(call: Call) -> Reply:
    """Send it a test event."""
    await Sinks(call.sandbox).test(_find(call))
    return reply(201, {"result": "submitted"})


async def validate(call: Call) -> Reply:
    """Activate it, by what the test event said."""
    sink = _find(call)
    test_id = read(call, "CreateSinkValidate")["TestId"]
    await Sinks(call.sandbox).validate(sink, test_id)
    return reply(201, {"result": "valid"})


ROOT: Final = "/v1/Sinks"
ONE: Final = f"{ROOT}/{{Sid}}"
SCHEMA: Final = f"{FOLDER}/Sink"

ROUTES: Final = (
    Route("POST", ROOT, "CreateSink", create, schema=SCHEMA),
    Route("GET", ROOT, "ListSink", list_, schema=SCHEMA),
    Route("GET", ONE, "FetchSink", fetch, schema=SCHEMA),
    Route("POST", ONE, "UpdateSink", update, schema=SCHEMA),
    Route("DELETE", ONE, "DeleteSink", delete),
    Route("POST", f"{ONE}/Test", "CreateSinkTest", test, schema=f"{FOLDER}/SinkTest"),
    Route(
        "POST", f"{ONE}/Validate", "CreateSinkValidate", validate, schema=f"{FOLDER}/SinkValidate"
    ),
)


def _find(call: Call) -> Sink:
    """The sink that the path names; raise `TwilioError` 91006, 91001."""
    sid = call.params["Sid"]
    if not is_sid(sid, "DG"):
        raise TwilioError(BAD_SINK_SID)
    return Sinks(call.sandbox).one(call.account, sid)


def render(call: Call, sink: Sink) -> Document:
    """A sink in the key order of the published description's example."""
    url = f"{call.base_url}{ROOT}/{sink.sid}"
    return {
        "status": sink.status,
        "sink_configuration": sink.configuration,
        "description": sink.description,
        "sid": sink.sid,
        "date_created": date(sink.created_at),
        "sink_type": sink.type,
        "date_updated": date(sink.updated_at),
        "url": url,
        "links": {"sink_test": f"{url}/Test", "sink_validate": f"{url}/Validate"},
    }
