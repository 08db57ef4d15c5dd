"""`/_mock/stores` and `/_mock/cohorts`: whom the Communications API may write to."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.edge.control import audience_calls

STORE = "mem_store_01h9krwprkeee8fzqspvwy6nq8"
COHORT = "cmp_cohort_01h9krwprkeee8fzqspvwy6nq8"
ADA, BOB = (f"mem_profile_01h9krwprkeee8fzqspvwy6nq{end}" for end in "89")
PHONE, OTHER = "+14155550123", "+14155550124"

CSV = {"Content-Type": "text/csv; charset=utf-8"}
LINES = {"Content-Type": "application/x-ndjson"}
TABLE = f"phone,firstName\n{PHONE},Ada\n{OTHER},Bob\n".encode()

PEOPLE = [{"id": ADA, "traits": {"phone": PHONE, "firstName": "Ada"}}, {"firstName": "Bob"}]


async def people(desk: Any, path: str, **query: Any) -> list[Any]:
    """Phone and name of each."""
    found = (await desk.get(path, **query)).document
    listed = found.get("members", found.get("profiles"))
    return [(each["phone"], each["traits"].get("firstName")) for each in listed]


def number(place: int) -> str:
    return f"+1415{2_000_000 + place}"


# Stores


async def test_a_store_is_made_listed_and_ended(desk: Any) -> None:
    """Of people in a document."""
    made = await desk.ask("POST", "/stores", {"id": STORE, "name": "customers", "profiles": PEOPLE})
    assert (made.status, made["id"], made["name"], made["profiles"]) == (201, STORE, "customers", 2)
    assert made["account_sid"] == desk.sid
    assert (await desk.get("/stores"))["stores"] == [made.document]
    assert (await desk.get(f"/stores/{STORE}")).document == made.document
    assert await people(desk, f"/stores/{STORE}/profiles") == [(PHONE, "Ada"), (None, "Bob")]
    assert (await desk.ask("DELETE", f"/stores/{STORE}")).status == 204
    assert (await desk.get("/stores")).document == {"stores": [], "total": 0, "next_cursor": None}


async def test_profiles_are_added_to_a_store(desk: Any) -> None:
    """Of a document or of rows; ids that are there already are refused with their place."""
    await desk.post("/stores", {"id": STORE, "profiles": PEOPLE})
    path = f"/stores/{STORE}/profiles"
    assert (await desk.post(path, {"profiles": [{"phone": OTHER}]}))["profiles"] == 3
    rows = await desk.ask("POST", path, TABLE, headers=CSV)
    assert (rows.status, rows["profiles"]) == (201, 5)
    again = await desk.ask("POST", path, {"profiles": [{}, {"id": ADA}]})
    assert (again.status, again.type) == (400, "bad_body")
    assert again.message == f"profiles[1]: id: there is a profile {ADA} already"
    lines = f'{{"id":"{BOB}"}}\n{{"id":"{ADA}"}}\n'.encode()
    again = await desk.ask("POST", path, lines, headers=LINES)
    assert again.message == f"line 2: id: there is a profile {ADA} already"
    assert (await desk.get(f"/stores/{STORE}"))["profiles"] == 5


async def test_a_profile_is_shown_with_its_id(desk: Any) -> None:
    """The one that was given, or the one by its place; those are what requests name."""
    whatsapp = {"contact": {"phone": OTHER, "whatsapp": True}}
    await desk.post("/stores", {"id": STORE, "profiles": [*PEOPLE, whatsapp]})
    first, second, third = (await desk.get(f"/stores/{STORE}/profiles"))["profiles"]
    assert first == {
        "id": ADA,
        "phone": PHONE,
        "whatsapp": None,
        "traits": {"phone": PHONE, "firstName": "Ada"},
    }
    assert second["id"].startswith("mem_profile_")
    assert (third["phone"], third["whatsapp"], third["traits"]) == (OTHER, OTHER, whatsapp)


# Cohorts


async def test_a_cohort_is_made_listed_and_ended(desk: Any) -> None:
    """With members of its own, in a store that comes and goes with it."""
    made = await desk.ask("POST", "/cohorts", {"id": COHORT, "name": "vips", "members": PEOPLE})
    assert (made.status, made["id"], made["name"], made["members"]) == (201, COHORT, "vips", 2)
    [store] = (await desk.get("/stores"))["stores"]
    assert (store["id"], store["profiles"]) == (made["store_id"], 2)
    assert (await desk.get("/cohorts"))["cohorts"] == [made.document]
    assert (await desk.get(f"/cohorts/{COHORT}")).document == made.document
    assert await people(desk, f"/cohorts/{COHORT}/members") == [(PHONE, "Ada"), (None, "Bob")]
    assert (await desk.ask("DELETE", f"/cohorts/{COHORT}")).status == 204
    assert (await desk.get("/cohorts"))["total"] == (await desk.get("/stores"))["total"] == 0


async def test_a_cohort_of_some_of_a_store_is_joined(desk: Any) -> None:
    """By profiles that are there, by new people, by rows; in that order."""
    await desk.post("/stores", {"id": STORE, "name": "customers", "profiles": PEOPLE})
    await desk.post("/cohorts", {"id": COHORT, "store": "customers", "profiles": []})
    path = f"/cohorts/{COHORT}/members"
    assert (await desk.post(path, {"profiles": [ADA, ADA]}))["members"] == 1
    assert (await desk.post(path, {"members": [{"phone": OTHER, "firstName": "Eve"}]}))[
        "members"
    ] == 2
    rows = await desk.ask("POST", path, TABLE, headers=CSV)
    assert (rows.status, rows["members"]) == (201, 4)
    names = [name for _, name in await people(desk, path)]
    assert names == ["Ada", "Eve", "Ada", "Bob"]
    assert (await desk.get(f"/stores/{STORE}"))["profiles"] == 5


async def test_nobody_joins_who_is_not_in_the_store(desk: Any) -> None:
    """And only one kind of newcomers can be named at a time."""
    await desk.post("/cohorts", {"id": COHORT, "members": PEOPLE})
    path = f"/cohorts/{COHORT}/members"
    said = await desk.ask("POST", path, {"profiles": [BOB]})
    assert (said.status, said.type) == (404, "not_found")
    said = await desk.ask("POST", path, {"profiles": [ADA], "members": []})
    assert (said.status, said.message) == (400, "say either `members` or `profiles`")
    assert (await desk.get(f"/cohorts/{COHORT}"))["members"] == 2


async def test_members_come_in_pages(desk: Any) -> None:
    """In either order."""
    await desk.post("/cohorts", {"id": COHORT, "fake": {"count": 25, "seed": 7}})
    path, found = f"/cohorts/{COHORT}/members", []
    page = (await desk.get(path, limit=10)).document
    while True:
        assert page["total"] == 25
        found += [each["id"] for each in page["members"]]
        if page["next_cursor"] is None:
            break
        page = (await desk.get(path, limit=10, cursor=page["next_cursor"])).document
    assert len(set(found)) == len(found) == 25
    newest = (await desk.get(path, limit=3, order="desc"))["members"]
    assert [each["id"] for each in newest] == found[:-4:-1]


async def test_requests_reach_its_members(desk: Any) -> None:
    """Over HTTP from end to end."""
    await desk.ask("POST", "/cohorts", TABLE, headers=CSV, params={"id": COHORT})
    variables = {"name": "${Twilio.Profile.firstName}"}
    to = [{"cohortId": COHORT, "variables": variables}]
    await desk.operation(to=to, content={"text": "Hi {{ name }}"})
    found = (await desk.post("/messages/wait", {"origin": "comms", "count": 2}))["messages"]
    assert [(each["to"], each["body"]) for each in found] == [(PHONE, "Hi Ada"), (OTHER, "Hi Bob")]


# Rows


@pytest.mark.parametrize("path", ["/stores", "/cohorts"])
async def test_rows_say_in_the_query_whose_they_are(desk: Any, path: str) -> None:
    """An id or a name must be there, in its form."""
    made = await desk.ask("POST", path, TABLE, headers=CSV, params={"name": "list"})
    assert (
        made.status,
        made["name"],
        made.document.get("members", made.document.get("profiles")),
    ) == (*(201, "list", 2),)
    nameless = await desk.ask("POST", path, TABLE, headers=CSV)
    assert (nameless.status, nameless.type) == (400, "bad_parameter")
    for query in ({"id": "x"}, {"name": ""}, {"name": "a", "account_sid": "AC"}):
        said = await desk.ask("POST", path, TABLE, headers=CSV, params=query)
        assert (said.status, said.type) == (400, "bad_body")
    said = await desk.ask("POST", path, TABLE, headers=CSV, params={"named": "a"})
    assert (said.status, said.type) == (400, "bad_parameter")


async def test_rows_are_read_as_they_come(desk: Any) -> None:
    """Without their length, in pieces that end amid rows; others are served meanwhile."""
    count, gate = 30_000, asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"phone,n\n+14"
        await gate.wait()
        yield b"15" + f"{2_000_000},0\n".encode()
        for start in range(1, count, 1_000):
            rows = range(start, min(start + 1_000, count))
            yield "".join(f"{number(place)},{place}\n" for place in rows).encode()

    query = {"id": COHORT}
    sent = asyncio.create_task(desk.ask("POST", "/cohorts", pieces(), headers=CSV, params=query))
    assert (await desk.get("/health"))["status"] == "ok"
    assert (await desk.get("/cohorts"))["total"] == 0
    gate.set()
    made = await sent
    assert (made.status, made["members"]) == (201, count)
    path = f"/cohorts/{COHORT}/members"
    [last] = (await desk.get(path, order="desc", limit=1))["members"]
    assert (last["phone"], last["traits"]["n"]) == (number(count - 1), str(count - 1))


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        (CSV, b"", "line 1: must name the columns, such as phone,firstName"),
        (CSV, b"phone\nabc\n", "line 2: phone: 'abc' is not a phone number"),
        (LINES, b'{"phone":"+14155550123"}\n{', "line 2: is not JSON"),
        (
            {**CSV, "Content-Encoding": "gzip"},
            TABLE,
            "rows are read as they are: send them without",
        ),
    ],
)
async def test_bad_rows_are_refused_with_their_line(
    desk: Any, headers: dict[str, str], body: bytes, said: str
) -> None:
    """And nothing is kept of those before them."""
    refusal = await desk.ask("POST", "/cohorts", body, headers=headers, params={"name": "a"})
    assert (refusal.status, refusal.type) == (400, "bad_body")
    assert refusal.message.startswith(said)
    assert (await desk.get("/stores"))["total"] == 0


@pytest.mark.parametrize("path", ["/stores?name=a", "/cohorts?name=a"])
@pytest.mark.parametrize("rows", [TABLE, b'{"phone":"+14155550123"}\n{"phone":"+14155550124"}\n'])
async def test_rows_without_their_type_are_refused(desk: Any, path: str, rows: bytes) -> None:
    """As curl sends them by itself: the refusal names the types."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    said = await desk.ask("POST", path, rows, headers=form)
    assert (said.status, said.type) == (400, "bad_json")
    assert said.message.endswith("; rows are sent as text/csv or application/x-ndjson")


async def test_there_is_an_end_to_what_is_read(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of bytes, whether the length is told or not."""
    monkeypatch.setattr(audience_calls, "LARGEST", 100)
    rows = b"phone\n" + b"+14155550123\n" * 10

    async def pieces() -> AsyncIterator[bytes]:
        yield rows

    for body in (rows, pieces()):
        said = await desk.ask("POST", "/cohorts", body, headers=CSV, params={"name": "a"})
        assert (said.status, said.type) == (413, "too_large")


async def test_rows_that_break_off_leave_nothing(desk: Any) -> None:
    """Whoever hangs up in the middle of them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.server.port)
    head = b"POST /_mock/cohorts?name=a HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
    writer.write(head + b"Content-Length: 1000\r\n\r\n" + TABLE)
    await writer.drain()
    writer.close()
    assert await reader.read() == b""
    assert (await desk.get("/cohorts"))["total"] == 0


async def test_whoever_asks_first_is_told_to_go_on(desk: Any) -> None:
    """`Expect: 100-continue`, as curl sends it with large bodies."""
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.server.port)
    head = b"POST /_mock/cohorts?name=a HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
    writer.write(head + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(TABLE))
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
    writer.write(TABLE)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 201 ")
    writer.close()


# Refusals


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/stores/x", None),
        ("DELETE", "/stores/x", None),
        ("GET", "/stores/x/profiles", None),
        ("POST", "/stores/x/profiles", {"profiles": []}),
        ("GET", "/cohorts/x", None),
        ("DELETE", "/cohorts/x", None),
        ("GET", "/cohorts/x/members", None),
        ("POST", "/cohorts/x/members", {"members": []}),
    ],
)
async def test_what_is_not_there_is_not_found(desk: Any, method: str, path: str, body: Any) -> None:
    """Named as it was asked for."""
    said = await desk.ask(method, path, body)
    assert (said.status, said.type) == (404, "not_found")
    assert "'x'" in said.message


async def test_what_is_there_already_stays(desk: Any) -> None:
    """A seed replaces it, this does not."""
    document = {"id": COHORT, "members": PEOPLE}
    await desk.post("/cohorts", document)
    said = await desk.ask("POST", "/cohorts", document)
    assert (said.status, said.type) == (409, "already_there")
    assert await people(desk, f"/cohorts/{COHORT}/members") == [(PHONE, "Ada"), (None, "Bob")]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/stores", {"profiles": []}, "needs an `id` or a `name`"),
        ("/stores", {"name": "a", "file": "/etc/passwd"}, "upload it to POST /_mock/cohorts"),
        ("/cohorts", {"name": "a", "store": "b"}, "there is no store 'b'"),
        ("/cohorts", {"name": "a", "members": [{"phone": "x"}]}, "members[0]: phone: 'x'"),
        ("/cohorts", {"name": "a", "members": "x"}, "members: must be a list"),
        ("/cohorts", {"name": "a", "people": []}, "people: unknown key"),
        (f"/cohorts/{COHORT}/members", {"people": []}, "people: unknown key"),
    ],
)
async def test_a_bad_document_is_refused(desk: Any, path: str, body: Any, said: str) -> None:
    """With what is wrong in it; a path of the server's disk is nobody's business."""
    await desk.post("/cohorts", {"id": COHORT})
    refusal = await desk.ask("POST", path, body)
    assert refusal.status == 400
    assert said in refusal.message


async def test_sandboxes_do_not_share_people(desk: Any) -> None:
    """Each has its own, under the same ids even."""
    box = await desk.in_sandbox()
    await desk.post("/cohorts", {"id": COHORT, "members": PEOPLE})
    assert (await box.ask("GET", f"/cohorts/{COHORT}")).status == 404
    made = await box.post("/cohorts", {"id": COHORT, "members": []})
    assert (made["members"], made["account_sid"]) == (0, box.sid)


# Seeds and scenarios


async def test_a_seed_sets_people_up(desk: Any) -> None:
    """And replaces those of the same id; they have no time then."""
    for members in (PEOPLE, [{"phone": OTHER}]):
        given = {"cohorts": [{"id": COHORT, "members": members}]}
        await desk.post("/seed", given)
        found = await desk.get(f"/cohorts/{COHORT}")
        assert (found["members"], found["created_at"]) == (len(members), None)


async def test_a_seed_of_what_is_not_there_changes_nothing(desk: Any) -> None:
    """All of it is refused."""
    given = {"numbers": [PHONE], "cohorts": [{"name": "a", "store": "b"}]}
    for path, body in (
        ("/seed", given),
        ("/sandboxes", {"scenario": {"given": given}}),
    ):
        said = await desk.ask("POST", path, body)
        assert (said.status, said.type) == (400, "bad_scenario")
    said = await desk.ask("PUT", "/scenario", {"scenario": {"given": given, "senders": "strict"}})
    assert (said.status, said.type) == (400, "bad_scenario")
    assert (await desk.get("/scenario"))["scenario"].get("senders") is None
    assert not desk.sandbox.tables.numbers


async def test_a_sandbox_is_made_with_people(desk: Any) -> None:
    """Who are there again after a reset."""
    scenario = {"given": {"cohorts": [{"id": COHORT, "fake": {"count": 1_500}}]}}
    box = await desk.in_sandbox(scenario=scenario)
    path = f"/cohorts/{COHORT}/members"
    before = await people(box, path, limit=10_000)
    await box.ask("DELETE", f"/cohorts/{COHORT}")
    assert (await box.ask("POST", "/reset")).status == 204
    assert await people(box, path, limit=10_000) == before
    assert len(before) == 1_500


async def test_a_named_scenario_reads_its_file_when_it_is_put(opened: Any, tmp_path: Path) -> None:
    """As the file is then; one with a bad row is refused with its line, and changes nothing."""
    scenario = {"given": {"cohorts": [{"id": COHORT, "file": "people.jsonl"}]}}
    (tmp_path / "campaign.json").write_text(json.dumps(scenario))
    table = tmp_path / "people.jsonl"
    table.write_text(f'{{"phone":"{PHONE}"}}\n')
    desk = await opened(scenarios=str(tmp_path))
    await desk.put("/scenario", {"name": "campaign"})
    assert (await desk.get(f"/cohorts/{COHORT}"))["members"] == 1
    table.write_text(f'{{"phone":"{PHONE}"}}\n{{"phone":"{OTHER}"}}\n')
    await desk.put("/scenario", {"name": "campaign"})
    assert (await desk.get(f"/cohorts/{COHORT}"))["members"] == 2
    table.write_text('{}\n{"phone":"x"}\n')
    said = await desk.ask("PUT", "/scenario", {"name": "campaign"})
    assert (said.status, said.type) == (400, "bad_scenario")
    assert said.message == f"{table}:2:1: phone: 'x' is not a phone number"
    assert (await desk.get(f"/cohorts/{COHORT}"))["members"] == 2


async def test_a_server_starts_with_the_people_of_its_scenario(opened: Any, tmp_path: Path) -> None:
    """Who are read before it serves anybody, and not again for a reset."""
    table, path = tmp_path / "people.csv", tmp_path / "campaign.yaml"
    table.write_bytes(TABLE)
    path.write_text(f"given: {{cohorts: [{{id: {COHORT}, file: people.csv}}]}}")
    desk = await opened(scenario=str(path))
    table.unlink()
    assert (await desk.get(f"/cohorts/{COHORT}"))["members"] == 2
    assert (await desk.ask("POST", "/reset")).status == 204
    assert (await desk.get(f"/cohorts/{COHORT}"))["members"] == 2


# The description


async def test_rows_are_in_the_description(desk: Any) -> None:
    """Beside the document that does the same."""
    paths = (await desk.get("/openapi.json"))["paths"]
    content = paths["/_mock/cohorts"]["post"]["requestBody"]["content"]
    assert content.keys() == {"application/json", "text/csv", "application/x-ndjson"}
    named = [each["name"] for each in paths["/_mock/cohorts"]["post"]["parameters"]]
    assert named == ["id", "name", "account_sid"]
