"""The environment that makes unmodified programs talk to the mock. PYTEST_DONT_REWRITE

For now the credentials only; the proxy variables, which catch every client in every language, come
with a later version.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

LOOPBACK = ("localhost", "127.0.0.1", "::1")
PROXY_VARIABLES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


def variables(account_sid: str, auth_token: str) -> dict[str, str]:
    """The credentials of a mock's account; the real Twilio refuses them, at no cost."""
    return {"TWILIO_ACCOUNT_SID": account_sid, "TWILIO_AUTH_TOKEN": auth_token}


def beside_proxy(outer: Mapping[str, str]) -> dict[str, str]:
    """`NO_PROXY` with loopback added to the user's entries, where a proxy would catch the mock."""
    if not any(outer.get(name) for name in PROXY_VARIABLES):
        return {}
    entries = (outer.get("no_proxy") or outer.get("NO_PROXY") or "").split(",")
    kept = [entry.strip() for entry in entries if entry.strip()]
    if "*" in kept:
        return {}
    value = ",".join([*kept, *(host for host in LOOPBACK if host not in kept)])
    return {"NO_PROXY": value, "no_proxy": value}


@contextmanager
def patched(values: Mapping[str, str]) -> Iterator[None]:
    """`os.environ` with `values`; afterwards those variables are exactly as they were before."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
