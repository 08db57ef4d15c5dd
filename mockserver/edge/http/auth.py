"""Who is asking, in which sandbox, and may they: HTTP Basic as Twilio reads it."""

import binascii
from base64 import b64decode
from functools import lru_cache

import msgspec

from mockserver.domain.accounts import Account, ApiKey
from mockserver.domain.errors import AUTHENTICATE, INVALID_USERNAME, NO_CREDENTIALS, TwilioError
from mockserver.domain.sids import is_sid
from mockserver.world.sandbox import Sandbox
from mockserver.world.sandboxes import Sandboxes


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
        sandboxes.claim(user, sandbox)
        if is_sid(user, "SK"):
            sandboxes.claim(self.account.sid, sandbox)
            sandbox.accounts.learn_key(ApiKey(user, self.newcomer, self.account.sid))
            return f"this request fixed the secret of API key {user}"
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


def admit(sandboxes: Sandboxes, header: str | None, path_account: str | None) -> Admission:
    """Find sandbox and account of a request; raise `TwilioError` 20003."""
    user, password = credentials(header)
    if is_sid(user, "AC"):
        return _admit_account(sandboxes, user, password, path_account or user)
    if is_sid(user, "SK"):
        return _admit_key(sandboxes, user, password, path_account)
    raise TwilioError(INVALID_USERNAME)


def _admit_account(sandboxes: Sandboxes, user: str, token: str, target: str) -> Admission:
    sandbox = sandboxes.of_account(user)
    account = sandbox.accounts.find(user) if sandbox is not None else None
    if sandbox is None:
        if sandboxes.defaults.strict_accounts or target != user:
            raise TwilioError(AUTHENTICATE)
        sandbox = sandboxes.home
    if account is None:
        account = Account(user)
    if not token or (account.auth_token and account.auth_token != token) or not account.active:
        raise TwilioError(AUTHENTICATE)
    newcomer = "" if account.auth_token else token
    if target != user:
        account = _subaccount(sandbox, target, user)
    return Admission(sandbox, account, user, newcomer)


def _admit_key(sandboxes: Sandboxes, user: str, secret: str, path_account: str | None) -> Admission:
    sandbox = sandboxes.of_account(user)
    key = sandbox.accounts.key(user) if sandbox is not None else None
    if sandbox is not None and key is not None:
        if not secret or key.secret != secret:
            raise TwilioError(AUTHENTICATE)
        account = sandbox.accounts.find(key.account_sid) or Account(key.account_sid)
        if path_account and path_account != account.sid:
            account = _subaccount(sandbox, path_account, account.sid)
        return _active(Admission(sandbox, account, user))
    if sandboxes.defaults.strict_accounts or not secret:
        raise TwilioError(AUTHENTICATE)
    sandbox = (sandboxes.of_account(path_account) if path_account else None) or sandboxes.home
    sid = path_account or sandbox.accounts.first_sid
    account = sandbox.accounts.find(sid) or Account(sid)
    return _active(Admission(sandbox, account, user, secret))


def _subaccount(sandbox: Sandbox, sid: str, parent: str) -> Account:
    """The account of the path, which somebody else may act on as its parent only."""
    account = sandbox.accounts.find(sid)
    if account is None or account.owner_account_sid != parent or not account.active:
        raise TwilioError(AUTHENTICATE)
    return account


def _active(admission: Admission) -> Admission:
    if not admission.account.active:
        raise TwilioError(AUTHENTICATE)
    return admission


def expectation(sandboxes: Sandboxes, header: str | None) -> list[str]:
    """What the journal says beside a 401: which request fixed the secret that was expected."""
    try:
        user, _ = credentials(header)
    except TwilioError:
        return []
    sandbox = sandboxes.of_account(user)
    fixed_by = sandbox.accounts.fixed_by(user) if sandbox else ""
    return [f"the secret that {user} is expected to send was fixed by {fixed_by}"] * bool(fixed_by)


@lru_cache(1024)
def masked(header: bytes) -> bytes:
    """An `Authorization` header without its secret: `Basic AC…:***`."""
    try:
        user, _ = credentials(header.decode("latin-1"))
    except TwilioError:
        scheme, space, _ = header.partition(b" ")
        return scheme + b" ***" if space else b"***"
    return f"Basic {user}:***".encode("latin-1", "replace")
