"""Handsets stop and restart senders, and what that does to messages."""

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from mockserver.domain.consent import (
    HELP_REPLY,
    STOP_REPLY,
    WHATSAPP_OPTED_OUT,
    OptOutSettings,
    Verdict,
)
from mockserver.domain.errors import TwilioError
from mockserver.domain.faults import Scenario
from mockserver.domain.matching import TEXT_FIELDS, Matcher
from mockserver.domain.numbers import OptOut, Service
from mockserver.world.clock import Clock, Mode
from mockserver.world.consent import Consent
from mockserver.world.known import Known
from mockserver.world.tables import Tables, Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

NOON = 1_796_126_400_000_000
AC = "AC" + "1" * 32
ME, OTHER, TOLL_FREE, SHORT = "+15017122661", "+15017122662", "+18005550199", "12345"
YOU = "+14155552671"
SERVICE, UNKNOWN = "MG" + "a" * 32, "MG" + "b" * 32
ADVANCED = OptOutSettings("advanced")
POOL = Service(SERVICE, AC, (ME, OTHER, TOLL_FREE, SHORT, f"whatsapp:{ME}", "rcs:acme"))


class Room:
    """Tables on a clock that stands still, and somebody who hears."""

    def __init__(self, service: Service | None = None) -> None:
        self.tables = Tables()
        if service is not None:
            self.tables.services[service.sid] = service
        self.known = Known(self.tables, Clock(Mode.parse("manual"), NOON))
        self.consent = Consent(self.tables, self.known)
        self.unit = Unit()

    def hear(self, body: str, to: str = ME, from_: str = YOU, **more: Any) -> Verdict:
        """The service is the one whose pool `to` is in."""
        services = self.tables.services.values()
        service = next((each for each in services if to in each.senders), None)
        told = {"service": service, **more}
        return self.consent.hear(from_=from_, to=to, body=body, unit=self.unit, **told)

    def out(self, sender: str, to: str = YOU) -> bool:
        return self.known.opted_out(sender, to)

    @property
    def records(self) -> list[tuple[str, str]]:
        return [(out.from_, out.to) for out in self.tables.opt_outs]


# -- what a text does ------------------------------------------------------------------------------


def test_stop_and_start_for_a_bare_number() -> None:
    """The pair is blocked, and another number of the account is not."""
    room = Room()
    assert room.hear("Stop") == Verdict("stop", STOP_REPLY)
    assert list(room.tables.opt_outs) == [OptOut(ME, YOU, NOON)]
    assert (room.out(ME), room.out(OTHER), room.out(ME, "+14155552672")) == (True, False, False)
    assert room.hear("START").action == "start"
    assert not room.out(ME)
    assert [record for _, _, record in room.unit.rows] == [OptOut(ME, YOU, NOON), None]


def test_what_changes_nothing() -> None:
    """HELP, an ordinary message, a second STOP, START from who never stopped."""
    room = Room()
    assert room.hear("help").reply == HELP_REPLY
    assert room.hear("stop please") == room.hear("start") == Verdict()
    assert room.unit.rows == []
    room.hear("stop")
    assert room.hear("stop") == Verdict("stop")
    assert len(room.unit.rows) == 1


def test_a_service_is_stopped_whole() -> None:
    """By writing to any of its senders; START to any of them lifts it."""
    room = Room(POOL)
    room.hear("stop", ME)
    assert room.records == [(SERVICE, YOU)]
    assert all(map(room.out, (ME, OTHER, TOLL_FREE, SERVICE)))
    assert not room.out("+15017122669")
    assert room.hear("stop", OTHER).reply == ""
    assert room.hear("start", OTHER).reply
    assert not any(map(room.out, (ME, OTHER, SERVICE)))


def test_a_service_that_nobody_set_up() -> None:
    """Has no pool that is known, but the number that was written to is in it."""
    room = Room()
    room.hear("stop", ME, stand_in_service_sid=UNKNOWN)
    assert room.records == [(UNKNOWN, YOU)]
    assert (room.out(UNKNOWN), room.out(ME), room.out(OTHER)) == (True, True, False)
    room.hear("start", ME, stand_in_service_sid=UNKNOWN)
    assert room.records == []


def test_a_number_that_joins_a_service() -> None:
    """Its own block stays, and START lifts it with the service's."""
    room = Room()
    room.hear("stop", ME)
    room.tables.services[SERVICE] = POOL
    assert (room.out(ME), room.out(OTHER)) == (True, False)
    assert room.hear("stop", ME).reply == ""  # nothing new to the recipient
    assert (room.out(OTHER), len(room.records)) == (True, 2)
    room.hear("start", ME)
    assert room.records == []


def test_a_number_that_leaves_a_service() -> None:
    """The block stays with the service; START to the number lifts it all the same."""
    room = Room(POOL)
    room.hear("stop", ME)
    room.tables.services[SERVICE] = replace(POOL, senders=(OTHER,))
    assert (room.out(ME), room.out(OTHER)) == (False, True)
    assert room.hear("start", ME).action == "start"
    assert not room.out(OTHER)


def test_a_deleted_service_blocks_nobody() -> None:
    """Its numbers are free."""
    room = Room(POOL)
    room.hear("stop", ME)
    del room.tables.services[SERVICE]
    room.tables.deleted["services"] = {SERVICE: 0}
    assert not room.out(ME)


def test_the_network_knows_numbers_only() -> None:
    """A toll-free number in a service is stopped alone."""
    room = Room(POOL)
    assert room.hear("stop", TOLL_FREE).reply.startswith("NETWORK MSG: You replied with the word")
    assert room.records == [(TOLL_FREE, YOU)]
    assert (room.out(TOLL_FREE), room.out(ME)) == (True, False)
    assert room.hear("help", TOLL_FREE).reply == ""
    assert room.hear("yes", TOLL_FREE) == Verdict()
    assert room.hear("unstop", TOLL_FREE).reply.startswith('NETWORK MSG: You have replied "unstop"')
    assert not room.out(TOLL_FREE)


def test_one_opt_out_for_sms_and_rcs() -> None:
    """A word on one channel blocks the other, from the same sender or service."""
    room = Room(POOL)
    room.hear("stop", "rcs:acme", f"rcs:{YOU}")
    assert (room.out(ME), room.out("rcs:acme", f"rcs:{YOU}")) == (True, True)
    room.hear("start", ME)
    assert not room.out("rcs:acme", f"rcs:{YOU}")
    room.hear("stop", f"rcs:{OTHER}", f"rcs:{YOU}", service=None)
    assert room.out(OTHER)


@pytest.mark.parametrize(("to", "from_"), [(SHORT, YOU), (f"whatsapp:{ME}", f"whatsapp:{YOU}")])
def test_what_only_advanced_opt_out_handles(to: str, from_: str) -> None:
    """Short codes and WhatsApp; WhatsApp apart from the telephone's number."""
    room = Room(POOL)
    assert room.hear("stop", to, from_) == room.hear("help", to, from_) == Verdict()
    assert room.hear("stop", to, from_, service=None) == Verdict()
    room.tables.services[SERVICE] = replace(POOL, opt_out=ADVANCED)
    assert room.hear("stop", to, from_).opt_out_type == "STOP"
    assert (room.out(to, from_), room.out(ME)) == (True, from_ == YOU)


def test_opt_out_management_off() -> None:
    """The application must see to it."""
    room = Room(replace(POOL, opt_out=OptOutSettings("disabled")))
    assert room.hear("stop") == Verdict()
    assert room.records == []


# -- by hand ---------------------------------------------------------------------------------------


def listed(room: Room, **filters: str) -> list[str]:
    fields = {name: TEXT_FIELDS[name] for name in ("from", "to")}
    matcher = Matcher.compile({name.rstrip("_"): f for name, f in filters.items()}, fields=fields)
    return [out.from_ for out in room.consent.listed(matcher)]


def test_put_list_lift() -> None:
    """By address as people write it; what is there already stays as it is."""
    room = Room()
    out = room.consent.put("(501) 712-2661", "415-555-2671", room.unit)
    assert out == OptOut(ME, YOU, NOON)
    assert room.consent.put(ME, YOU, room.unit) is out
    room.consent.put(SERVICE, YOU, room.unit)
    room.consent.put(OTHER, "+14155552672", room.unit)
    assert listed(room) == [ME, SERVICE, OTHER]
    assert listed(room, to=YOU) == [ME, SERVICE]
    assert listed(room, from_="+1501*", to="*2") == [OTHER]
    room.consent.lift([out], room.unit)
    assert listed(room, to=YOU) == [SERVICE]


# -- what becomes of messages ----------------------------------------------------------------------


def stop(world: "World", to: str, from_: str = YOU, service: Service | None = None) -> None:
    sandbox, unit = world.sandbox, Unit()
    if service is not None:
        sandbox.tables.services[service.sid] = service
    Consent(sandbox.tables, Known(sandbox.tables, sandbox.clock)).hear(
        from_=from_, to=to, body="stop", service=service, unit=unit
    )


def pool(world: "World", *senders: str, **settings: Any) -> Service:
    return Service(SERVICE, world.sandbox.accounts.first_sid, senders, **settings)


async def ended(world: "World", **form: str) -> tuple[str, int]:
    """Status and error code of a message in the end; ("", code) for one that is refused."""
    try:
        message = await world.create(form)
    except TwilioError as refusal:
        return "", refusal.code
    await world.advance(60)
    return world.status(message), world.delivery(message).error_code


BY_SERVICE = {"From": "-", "MessagingServiceSid": SERVICE}


async def test_a_bare_number_is_refused(make_world: "MakeWorld") -> None:
    """21610 at once; another number may still write."""
    world = make_world()
    stop(world, ME)
    assert await ended(world) == ("", 21610)
    assert await ended(world, From=OTHER) == ("delivered", 0)


async def test_a_service_fails_afterwards(make_world: "MakeWorld") -> None:
    """21610 on the message; its senders by themselves are refused at once, others are not."""
    world = make_world()
    stop(world, ME, service=pool(world, ME, OTHER))
    assert await ended(world, **BY_SERVICE) == ("failed", 21610)
    assert await ended(world, MessagingServiceSid=SERVICE, From=OTHER) == ("failed", 21610)
    assert await ended(world, From=OTHER) == ("", 21610)
    assert await ended(world, From=ME) == ("", 21610)
    assert await ended(world, From="+15017122663") == ("delivered", 0)


async def test_a_toll_free_number_of_a_service(make_world: "MakeWorld") -> None:
    """What the network blocks fails too, where the service chooses it."""
    world = make_world()
    stop(world, TOLL_FREE, service=pool(world, TOLL_FREE))
    assert await ended(world, **BY_SERVICE) == ("failed", 21610)
    assert await ended(world, From=TOLL_FREE) == ("", 21610)


async def test_stop_after_scheduling(make_world: "MakeWorld") -> None:
    """Does not cancel: the message fails when it is to be sent."""
    world = make_world("manual")
    message = await world.create(world.scheduled(600))
    stop(world, ME, service=pool(world, ME))
    assert world.status(message) == "scheduled"
    await world.advance(601)
    assert (world.status(message), world.delivery(message).error_code) == ("failed", 21610)


WHATSAPP = {"To": f"whatsapp:{YOU}", "From": f"whatsapp:{ME}"}


@pytest.mark.parametrize("form", [WHATSAPP, {**WHATSAPP, **BY_SERVICE}])
async def test_whatsapp(make_world: "MakeWorld", form: dict[str, str]) -> None:
    """63033, undelivered, with a service or without; the telephone's number is not affected."""
    world = make_world()
    service = pool(world, ME, f"whatsapp:{ME}", opt_out=ADVANCED)
    stop(world, f"whatsapp:{ME}", f"whatsapp:{YOU}", service)
    assert await ended(world, **form) == ("undelivered", WHATSAPP_OPTED_OUT)
    assert await ended(world, From=ME) == ("delivered", 0)


async def test_whatsapp_stopped_after_scheduling(make_world: "MakeWorld") -> None:
    """63033 when it is to be sent."""
    world = make_world("manual")
    service = pool(world, f"whatsapp:{ME}", opt_out=ADVANCED)
    message = await world.create({**world.scheduled(600), "To": f"whatsapp:{YOU}"})
    stop(world, f"whatsapp:{ME}", f"whatsapp:{YOU}", service)
    await world.advance(601)
    assert (world.status(message), world.delivery(message).error_code) == ("failed", 63033)


async def test_refused_at_once(make_world: "MakeWorld") -> None:
    """As before 2019, where that is asked for; WhatsApp has its own way still."""
    world = make_world()
    world.sandbox.rules.put(Scenario("s", options={"service_refusals": "at_once"}))
    service = pool(world, ME, f"whatsapp:{ME}", opt_out=ADVANCED)
    stop(world, ME, service=service)
    stop(world, f"whatsapp:{ME}", f"whatsapp:{YOU}", service)
    assert await ended(world, **BY_SERVICE) == ("", 21610)
    assert await ended(world, **WHATSAPP, MessagingServiceSid=SERVICE) == ("undelivered", 63033)
