"""Sets up a sandbox's furniture: what a scenario's `given`, or `POST /_mock/seed`, describes."""

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import normalise
from mockserver.domain.faults import Given, GivenAccount
from mockserver.domain.numbers import Number, OptOut, Service
from mockserver.world.accounts import Accounts
from mockserver.world.tables import Tables, Unit


def furnish(given: Given, tables: Tables, accounts: Accounts, unit: Unit) -> None:
    """Add what is given; what was there under the same name is replaced."""
    own, *others = given.accounts
    home = accounts.set_up(_account(own, accounts.first), unit).sid
    for other in others:
        accounts.set_up(_account(other, Account(other.sid)), unit)
    for number in given.numbers:
        row = Number(
            normalise(number.phone_number),
            number.account_sid or home,
            number.sms,
            number.mms,
            number.sms_url,
            number.sms_method,
        )
        tables.numbers[row.phone_number] = row
        unit.put("numbers", row.phone_number, row)
    for service in given.services:
        senders = tuple(map(normalise, service.senders))
        tables.services[service.sid] = Service(
            service.sid,
            service.account_sid or home,
            senders,
            service.status_callback,
            service.smart_encoding,
        )
        unit.put("services", service.sid, tables.services[service.sid])
    for caller in map(normalise, given.verified_callers):
        tables.verified_callers.add(caller)
        unit.put("verified_callers", caller, caller)
    for pair in given.opt_outs:
        out = OptOut(normalise(pair.from_), normalise(pair.to))
        tables.opt_outs.add(out)
        unit.put("opt_outs", f"{out.from_} {out.to}", out)


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
        created_at=usual.created_at,
    )
