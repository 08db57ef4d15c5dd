"""Access tokens: who issued them, and what they claim."""

import json
import tracemalloc
from base64 import urlsafe_b64encode

import jwt
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.access_tokens import LIFETIME, Claims, claims_of, is_signed, issue
from mockserver.domain.message import SECOND

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


@given(client=TEXT, account=TEXT, secret=TEXT, now=st.integers(0, 4_000_000_000 * SECOND))
def test_what_is_issued_can_be_read(client: str, account: str, secret: str, now: int) -> None:
    """By anybody; it ends an hour after the second of its issue, whatever the wall says."""
    token = issue(client, account, secret, now)
    until = (now // SECOND + LIFETIME) * SECOND
    assert claims_of(token) == Claims(client, account, until)
    assert is_signed(token, secret)


@given(secret=TEXT, other=TEXT)
def test_another_secret_has_not_signed_it(secret: str, other: str) -> None:
    """Nor has the same one, once a claim was changed."""
    token = issue("OQ", "AC", secret, 0)
    same = secret.rstrip("\0") == other.rstrip("\0")
    assert is_signed(token, other) == same
    head, _, signature = token.split(".")
    claims = issue("OQ", "AC2", secret, 0).split(".")[1]
    assert not is_signed(f"{head}.{claims}.{signature}", secret)


@given(st.text(max_size=60))
def test_anything_else_is_none(text: str) -> None:
    """Whatever somebody sends, it is said to be no token, and nothing is raised."""
    assert claims_of(text) is None
    assert not is_signed(text, "secret")


NAMED = {"sub": "OQ", "act": {"sub": "AC"}}
ALIEN = [
    {},
    {"sub": "OQ"},
    {"sub": 1},
    {"sub": "OQ", "act": "AC"},
    NAMED,
    {**NAMED, "exp": 1.5},
    {**NAMED, "exp": 1 << 60},
]


@given(st.sampled_from(ALIEN))
def test_another_servers_token(claims: dict[str, object]) -> None:
    """A JWT without the claims of ours is none of ours."""
    assert claims_of(jwt.encode(claims, "0" * 32, "HS256")) is None


def test_a_time_that_is_none() -> None:
    """It is not multiplied, as Python does with text: it would take gigabytes."""
    claims = json.dumps({**NAMED, "exp": "x" * 100}).encode()
    parts = (b'{"alg": "none"}', claims, b"")
    token = ".".join(urlsafe_b64encode(each).decode().rstrip("=") for each in parts)
    tracemalloc.start()
    try:
        assert claims_of(token) is None
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
