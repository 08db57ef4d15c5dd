"""Sets up a sandbox's furniture: what a scenario's `given`, or `POST /_mock/seed`, describes."""

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import asdict, replace

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import normalise
from mockserver.domain.faults import (
    Given,
    GivenAccount,
    GivenHandset,
    GivenNumber,
    GivenService,
    GivenTemplate,
    Scenario,
)
from mockserver.domain.numbers import Handset, Number, OptOut, Service
from mockserver.domain.sids import mint
from mockserver.world.accounts import Accounts
from mockserver.world.dice import Dice
from mockserver.world.tables import Tables, Unit

if TYPE_CHECKING:  # few seeds have any
    from mockserver.world.audiences.seeding import Plan


def sid_of(sender: str, dice: Dice, ordinal: int = 0) -> str:
    """The SID of a number or another sender; `ordinal` counts how often it was bought before."""
    if ":" in sender:
        return mint("XE", dice.of("channel-install", sender))  # the one in its callbacks
    prefix = "PN" if sender.startswith("+") else "SC" if sender.isdigit() else "AI"
    return mint(prefix, dice.of("number", f"{sender}/{ordinal}" if ordinal else sender))


def peopled(scenario: Scenario) -> Scenario:
    """With the files of its stores and cohorts read, which nobody needs to do again.

    Raise `ScenarioError` for one that cannot be used.
    """
    if not (scenario.given.stores or scenario.given.cohorts):
        return scenario
    from mockserver.world.audiences.seeding import readied_at_once

    return replace(scenario, given=readied_at_once(scenario.given))


def furnish(given: Given, tables: Tables, accounts: Accounts, dice: Dice, unit: Unit) -> None:
    """Add what is given; what was there under the same name is replaced.

    Raise `ScenarioError`, before anything is changed, for a cohort of what is not there.
    """
    audience = _audience(given, accounts.first.sid, tables)
    own, *others = given.accounts
    home = accounts.set_up(_account(own, accounts.first), unit).sid
    for other in others:
        accounts.set_up(_account(other, Account(other.sid)), unit)
    for number in given.numbers:
        row = _number(number, home, dice)
        tables.numbers[row.phone_number] = row
        unit.put("numbers", row.phone_number, row)
    for service in given.services:
        tables.services[service.sid] = _service(service, home)
        unit.put("services", service.sid, tables.services[service.sid])
    for caller in map(normalise, given.verified_callers):
        _put_caller(caller, home, tables, dice, unit)
    for pair in given.opt_outs:
        out = OptOut(normalise(pair.from_), normalise(pair.to))
        tables.opt_outs.add(out, unit)
    for handset in given.handsets:
        _put_handset(handset, tables, unit)
    for template in given.content:
        _put_template(template, home, tables, unit)
    if audience is not None:
        audience.put(tables, unit)


def _audience(given: Given, home: str, tables: Tables) -> "Plan | None":
    """The stores and cohorts that are given, where there are some."""
    if not (given.stores or given.cohorts):
        return None
    from mockserver.world.audiences.seeding import planned

    return planned(given, home, tables)


def _number(given: GivenNumber, home: str, dice: Dice) -> Number:
    address = normalise(given.phone_number)
    return Number(
        address,
        given.account_sid or home,
        given.sms,
        given.mms,
        given.sms_url,
        given.sms_method,
        given.country,
        given.sid or sid_of(address, dice),
        given.friendly_name,
        given.voice,
        sms_fallback_url=given.sms_fallback_url,
        sms_fallback_method=given.sms_fallback_method,
    )


_POOL: Final = frozenset({"sid", "account_sid", "senders", "destination_alpha_senders"})


def _service(given: GivenService, home: str) -> Service:
    options = {name: each for name, each in asdict(given).items() if name not in _POOL}
    senders = tuple(map(normalise, given.senders))
    service = Service(given.sid, given.account_sid or home, senders, **options)
    if given.destination_alpha_senders:
        from mockserver.domain.pools import joined

        for country, sender in given.destination_alpha_senders.items():
            service = joined(service, sender, country)
    return service


def _put_caller(caller: str, home: str, tables: Tables, dice: Dice, unit: Unit) -> None:
    from mockserver.domain.caller_ids import CallerId

    sid = mint("PN", dice.of("caller-id", caller))
    tables.verified_callers[caller] = CallerId(sid, home, caller)
    unit.put("verified_callers", caller, tables.verified_callers[caller])


def _put_handset(given: GivenHandset, tables: Tables, unit: Unit) -> None:
    """On SMS and WhatsApp alike: it is one telephone."""
    joined = -1 if given.joined else 0
    for address in (given.phone_number, f"whatsapp:{given.phone_number}"):
        tables.handsets[address] = Handset(
            address, given.line_type, given.rcs, joined, given.profile_name
        )
        unit.put("handsets", address, tables.handsets[address])


def _put_template(given: GivenTemplate, home: str, tables: Tables, unit: Unit) -> None:
    from mockserver.domain.content import ContentTemplate

    parts = {**asdict(given), "account_sid": given.account_sid or home}
    template = msgspec.convert(parts, ContentTemplate)
    tables.content[given.sid] = template
    unit.put("content", given.sid, template)


def _account(given: GivenAccount, usual: Account) -> Account:
    """What is said about an account, over what it is."""
    return Account(
        sid=usual.sid,
        auth_token=given.auth_token or usual.auth_token,
        type=given.type or usual.type,
        mode=given.mode or usual.mode,
        status=usual.status,
        friendly_name=given.friendly_name or usual.friendly_name,
        owner_account_sid=given.owner_account_sid or usual.owner_account_sid,
        geo_permissions_off=given.geo_permissions_off or usual.geo_permissions_off,
        created_at=usual.created_at,
    )
