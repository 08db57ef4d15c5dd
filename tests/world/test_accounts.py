"""Who the accounts of a sandbox are, and how strangers become known."""

from msgspec.structs import replace

from mockserver.domain.accounts import Account, ApiKey
from mockserver.world.accounts import Accounts
from mockserver.world.clock import Clock, Mode
from mockserver.world.tables import Tables, Unit

NOON = 1_796_126_400_000_000
FIRST, OTHER = "AC" + "1" * 32, "AC" + "2" * 32


def accounts() -> Accounts:
    clock = Clock(Mode.parse("manual"), NOON)
    return Accounts(Tables(), clock, Account(FIRST, "token"))


def test_the_first_account_is_there() -> None:
    """From the beginning, made when the sandbox was."""
    found = accounts().first
    assert (found.sid, found.auth_token, found.created_at) == (FIRST, "token", NOON)
    assert (found.type, found.mode, found.trial, found.test) == ("Full", "live", False, False)


def test_an_unknown_account_is_not_there() -> None:
    """Asking for it does not make it."""
    known = accounts()
    assert (known.find(OTHER), known.key("SK1")) == (None, None)
    assert known.find(OTHER) is None


def test_a_stranger_comes_into_being_at_its_first_write() -> None:
    """Written down with the unit of that write; a later one changes nothing."""
    known, unit = accounts(), Unit()
    made = known.come_into_being(Account(OTHER), unit)
    assert (made.created_at, known.find(OTHER)) == (NOON, made)
    assert unit.rows == [("accounts", OTHER, made)]
    assert known.come_into_being(made, unit) is made
    assert len(unit.rows) == 1


def test_the_first_token_counts() -> None:
    """Whether the account was there before or not; a later one changes nothing."""
    known = accounts()
    known.learn_token(OTHER, "first")
    known.learn_token(OTHER, "second")
    known.learn_token(FIRST, "third")
    tokens = [account.auth_token for sid in (OTHER, FIRST) if (account := known.find(sid))]
    assert tokens == ["first", "token"]


def test_learning_a_token_is_no_write() -> None:
    """An account that only read is asked about, but has not come into being."""
    known = accounts()
    known.learn_token(OTHER, "first")
    found = known.find(OTHER)
    assert found is not None
    assert found.created_at == 0
    made = known.come_into_being(found, Unit())
    assert (made.auth_token, made.created_at) == ("first", NOON)


def test_the_first_secret_of_a_key_counts() -> None:
    """As with tokens."""
    known = accounts()
    for secret in ("first", "second"):
        known.learn_key(ApiKey("SK1", secret, FIRST))
    assert known.key("SK1") == ApiKey("SK1", "first", FIRST)


def test_which_request_brought_a_secret() -> None:
    """Its name and its time; nothing for what was set up."""
    known = accounts()
    known.note_fixed(OTHER, "req-7")
    assert known.fixed_by(OTHER) == "request req-7 at 2026-12-01T12:00:00.000000Z"
    assert known.fixed_by(FIRST) == ""


def test_setting_up_again_keeps_what_is_not_said() -> None:
    """The token that is known stays; the time of its making stays too."""
    known, unit = accounts(), Unit()
    found = known.set_up(Account(FIRST, type="Trial", created_at=NOON - 1), unit)
    assert (found.auth_token, found.type, found.created_at) == ("token", "Trial", NOON - 1)
    assert unit.rows == [("accounts", FIRST, found)]


def test_what_signs_webhooks() -> None:
    """The account's token, or the default one while it is unknown."""
    known = accounts()
    assert known.first.signing_token == "token"
    assert Account(OTHER).signing_token == "00000000000000000000000000002010"


def test_a_faster_request_is_not_undone() -> None:
    """Who was admitted before another made the account takes it as it is by now."""
    known = accounts()
    known.come_into_being(Account(OTHER), Unit())
    known.learn_token(OTHER, "first")
    found = known.come_into_being(Account(OTHER), Unit())
    assert (found.auth_token, known.find(OTHER)) == ("first", found)


def test_a_change() -> None:
    """It says when; an account that was only asked about comes into being with it."""
    known, unit = accounts(), Unit()
    changed = known.change(Account(OTHER, "token", friendly_name="Mine"), unit)
    assert (changed.created_at, changed.updated_at) == (NOON, NOON)
    assert unit.rows == [("accounts", OTHER, changed)]
    first = known.change(replace(known.first, created_at=NOON - 1), unit)
    assert (first.created_at, first.updated_at) == (NOON - 1, NOON)


def test_a_replaced_token_is_nobodys() -> None:
    """Which request brought the one before is of no use any more."""
    known = accounts()
    known.note_fixed(FIRST, "req-1")
    known.change(replace(known.first, friendly_name="Mine"), Unit())
    assert known.fixed_by(FIRST)
    known.change(replace(known.first, auth_token="new"), Unit())
    assert known.fixed_by(FIRST) == ""


def test_who_may_do_nothing() -> None:
    """Accounts that are not active, and the subaccounts of those, until that changes."""
    known = accounts()
    barred = known.barred
    child = known.set_up(Account(OTHER, "x", owner_account_sid=FIRST), Unit())
    assert barred == set()
    for status in ("suspended", "closed"):
        known.change(replace(child, status=status), Unit())
        assert barred == {OTHER}
    known.change(child, Unit())
    assert barred == set()
    known.change(replace(known.first, status="suspended"), Unit())
    assert barred == {FIRST, OTHER}
    known.set_up(Account(OTHER[:-1] + "3", owner_account_sid=FIRST), Unit())
    assert len(barred) == 3
    known.change(replace(known.first, status="active"), Unit())
    assert (barred, known.barred is barred) == (set(), True)


def test_claims() -> None:
    """What makes a SID lead to the sandbox is handed in; alone, nothing does."""
    claimed: list[str] = []
    clock = Clock(Mode.parse("manual"), NOON)
    Accounts(Tables(), clock, Account(FIRST), claimed.append).claim(OTHER)
    accounts().claim(OTHER)
    assert claimed == [OTHER]
