"""Who is asking, in which sandbox, and may they: HTTP Basic, or Bearer, as Twilio reads it."""

import binascii
from base64 import b64decode
from functools import lru_cache
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from mockserver.domain.accounts import Account, ApiKey
from mockserver.domain.errors import (
    ACCOUNT_NOT_ACTIVE,
    AUTHENTICATE,
    INVALID_USERNAME,
    NO_CREDENTIALS,
    TwilioError,
)
from mockserver.domain.sids import is_sid
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import Sandboxes

Access = Literal["any", "main", "owner"]
"""Who may use an operation.

`any`: every credential. `main`: no Standard key, as for keys and accounts. `owner`: the same, and a
parent may do it to a subaccount that is suspended or closed.
"""

BEARER: Final = "bearer "
"""How an `Authorization` with an access token begins, in small letters."""


class Admission(msgspec.Struct, frozen=True):
    """A request that may act on `account` in `sandbox`."""

    sandbox: Sandbox
    account: Account
    user: str
    newcomer: str = ""
    """The secret of an account or key that was not known; it counts once the request succeeds."""

    def settle(self, sandboxes: Sandboxes) -> str:
        """The request succeeded: what it brought is now fixed. Say so for the journal."""
        sandbox, user = self.sandbox, self.user
        sandboxes.holders.claim(user, sandbox)
        if not is_sid(user, "AC"):
            sandboxes.holders.claim(self.account.sid, sandbox)
            sandbox.accounts.learn_key(ApiKey(user, self.newcomer, self.account.sid))
            kind = "API key" if is_sid(user, "SK") else "OAuth client"
            return f"this request fixed the secret of {kind} {user}"
        sandbox.accounts.learn_token(user, self.newcomer)
        return f"this request fixed the Auth Token of account {user}"


@lru_cache(1024)
def credentials(header: str | None) -> tuple[str, str]:
    """User and password; raise `TwilioError` 20003 with the text that fits."""
    if not header:
        raise TwilioError(NO_CREDENTIALS)
    scheme, _, packed = header.partition(" ")
    if scheme.lower() != "basic":
        raise TwilioError(INVALID_USERNAME)
    try:
        user, _, password = b64decode(packed.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise TwilioError(INVALID_USERNAME) from None
    if not user and not password:
        raise TwilioError(NO_CREDENTIALS)
    return user, password


@lru_cache(1024)
def _claim(header: str | None) -> tuple[str, str, str]:
    """User, password, and what kind of SID the user is; "" for none.

    Of an access token: no user, the token, and `BEARER`.
    """
    if header and header[: len(BEARER)].lower() == BEARER:
        return "", header[len(BEARER) :].strip(), BEARER
    user, password = credentials(header)
    return user, password, user[:2] if is_sid(user) else ""


def admit(
    sandboxes: Sandboxes, header: str | None, path_account: str | None, access: Access = "any"
) -> Admission:
    """Find sandbox and account of a request; raise `TwilioError` 20003, or 20005."""
    user, password, kind = _claim(header)
    if kind == "AC":
        return _admit_account(sandboxes, user, password, path_account or user, access)
    if kind == "SK":
        return _admit_key(sandboxes, user, password, path_account, access)
    if kind == BEARER:
        return _admit_bearer(sandboxes, password, path_account, access)
    raise TwilioError(INVALID_USERNAME)


def admit_client(sandboxes: Sandboxes, client_id: str, secret: str) -> Admission:
    """Find sandbox and account of an OAuth client; raise as `admit`."""
    return _admit_key(sandboxes, client_id, secret, None, "any")


def admit_anyone(sandboxes: Sandboxes, account_sid: str) -> Admission | None:
    """The way in without credentials; `None` where nobody knows the account.

    "" is for what is the same for everybody: it is asked in the name of the first account there is.
    """
    if not account_sid:
        return Admission(sandboxes.home, sandboxes.home.accounts.first, "")
    sandbox = sandboxes.of_account(account_sid)
    account = sandbox.accounts.find(account_sid) if sandbox is not None else None
    if sandbox is None or account is None:
        return None
    return Admission(sandbox, account, "")


def _admit_account(
    sandboxes: Sandboxes, user: str, token: str, target: str, access: Access
) -> Admission:
    sandbox = sandboxes.of_account(user)
    account = sandbox.accounts.find(user) if sandbox is not None else None
    if sandbox is None:
        if sandboxes.defaults.strict_accounts or target != user:
            raise TwilioError(AUTHENTICATE)
        sandbox = sandboxes.home
    if account is None:
        account = Account(user)
    if not token or (account.auth_token != token and not account.accepts(token)):
        raise TwilioError(AUTHENTICATE)
    _check_active(sandbox, account)
    newcomer = "" if account.auth_token else token
    if target != user:
        account = _subaccount(sandbox, target, user, access)
    elif newcomer:
        account = replace(account, auth_token=token)
    return Admission(sandbox, account, user, newcomer)


def _admit_key(
    sandboxes: Sandboxes, user: str, secret: str, path_account: str | None, access: Access
) -> Admission:
    sandbox = sandboxes.of_account(user)
    key = sandbox.accounts.key(user) if sandbox is not None else None
    if sandbox is None:
        sandbox, key = _first_key(sandboxes, user, secret)
    if sandbox is not None and key is not None:
        if not secret or key.secret != secret:
            raise TwilioError(AUTHENTICATE)
        return _admit_holder(sandbox, key, path_account, access)
    deleted = sandbox is not None and user in sandbox.tables.deleted.get("keys", ())
    if sandboxes.defaults.strict_accounts or not secret or deleted:
        raise TwilioError(AUTHENTICATE)
    sandbox = (sandboxes.of_account(path_account) if path_account else None) or sandboxes.home
    sid = path_account or sandbox.accounts.first_sid
    account = sandbox.accounts.find(sid) or Account(sid)
    _check_active(sandbox, account)
    return Admission(sandbox, account, user, secret)


def _admit_holder(
    sandbox: Sandbox, key: ApiKey, path_account: str | None, access: Access
) -> Admission:
    """Somebody with a key: what may it do?"""
    if key.standard and access != "any":
        raise TwilioError(AUTHENTICATE)
    account = sandbox.accounts.find(key.account_sid) or Account(key.account_sid)
    _check_active(sandbox, account)
    if path_account and path_account != account.sid:
        if key.standard:
            raise TwilioError(AUTHENTICATE)
        account = _subaccount(sandbox, path_account, account.sid, access)
    return Admission(sandbox, account, key.sid)


def _admit_bearer(
    sandboxes: Sandboxes, token: str, path_account: str | None, access: Access
) -> Admission:
    from mockserver.edge.http.bearer import Refused, holder_of  # few show one

    try:
        sandbox, client = holder_of(sandboxes, token)
    except Refused:
        raise TwilioError(AUTHENTICATE) from None
    return _admit_holder(sandbox, client, path_account, access)


def _first_key(
    sandboxes: Sandboxes, user: str, secret: str
) -> tuple[Sandbox, ApiKey] | tuple[None, None]:
    """The key that every account has from the start: its own digits, and its Auth Token as secret.

    `run`, `env` and the fixture put it where a program's environment has another (environment.py).
    """
    sid = f"AC{user[2:]}"
    sandbox = sandboxes.of_account(sid)
    account = sandbox.accounts.find(sid) if sandbox is not None else None
    if sandbox is None or account is None or not account.auth_token or not account.accepts(secret):
        return None, None
    return sandbox, ApiKey(user, secret, sid)


def _subaccount(sandbox: Sandbox, sid: str, parent: str, access: Access) -> Account:
    """The account of the path, which somebody else may act on as its parent only."""
    account = sandbox.accounts.find(sid)
    if account is None or account.owner_account_sid != parent:
        raise TwilioError(AUTHENTICATE)
    if access != "owner":
        _check_active(sandbox, account)
    return account


def _check_active(sandbox: Sandbox, account: Account) -> None:
    """Raise what the sandbox answers for a suspended or closed account, or one of such a parent."""
    if sandbox.accounts.barred and account.sid in sandbox.accounts.barred:
        forbidden = sandbox.rules.options.suspended_answer == ACCOUNT_NOT_ACTIVE.code
        raise TwilioError(ACCOUNT_NOT_ACTIVE if forbidden else AUTHENTICATE)


def expectation(sandboxes: Sandboxes, header: str | None) -> list[str]:
    """What the journal says beside a 401: why, where there may be another reason than a typo.

    That is, which request fixed the secret that was expected, or what ended or limits it.
    """
    try:
        user, password, kind = _claim(header)
    except TwilioError:
        return []
    if kind == BEARER:
        return _why_not(sandboxes, password)
    sandbox = sandboxes.of_account(user)
    return [said] if sandbox and (said := _reason(sandbox, user, password)) else []


def _why_not(sandboxes: Sandboxes, token: str) -> list[str]:
    from mockserver.edge.http.bearer import Refused, holder_of

    try:
        holder_of(sandboxes, token)
    except Refused as refused:
        return [str(refused)]
    return []


def _reason(sandbox: Sandbox, user: str, password: str) -> str:
    if user in sandbox.tables.deleted.get("keys", ()):
        return f"API key {user} was deleted"
    account, key = sandbox.accounts.find(user), sandbox.accounts.key(user)
    if account and user in sandbox.accounts.barred and account.accepts(password):
        parent = sandbox.accounts.find(account.owner_account_sid) if account.active else None
        idle = parent or account
        return f"account {idle.sid} is {idle.status}" + f": {user} is its subaccount" * bool(parent)
    if key and key.standard and key.secret == password:
        return f"{user} is a Standard key: neither accounts, keys nor subaccounts are open to it"
    fixed_by = sandbox.accounts.fixed_by(user)
    return f"the secret that {user} is expected to send was fixed by {fixed_by}" * bool(fixed_by)


@lru_cache(1024)
def masked(header: bytes) -> bytes:
    """An `Authorization` header without its secret: `Basic AC…:***`."""
    try:
        user, _ = credentials(header.decode("latin-1"))
    except TwilioError:
        scheme, space, _ = header.partition(b" ")
        return scheme + b" ***" if space else b"***"
    return f"Basic {user}:***".encode("latin-1", "replace")
