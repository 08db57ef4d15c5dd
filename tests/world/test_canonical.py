"""The canonical journal levels what differs between equal runs, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.world.canonical import Levelled, canonical

ONE, TWO, KEY = "AC" + "1" * 32, "AC" + "2" * 32, "SK" + "3" * 32


def request(**changes: Any) -> dict[str, Any]:
    """An API call as the control API tells it."""
    return {
        "id": "req-1",
        "host": "localhost:2010",
        "account_sid": ONE,
        "duration_ms": 1.5,
        "request": {
            "headers": {"Host": "localhost:2010", "Content-Length": "70", "Accept": "*/*"},
            "params": {"StatusCallback": "http://localhost:3000/x"},
            "body": "StatusCallback=http%3A%2F%2Flocalhost%3A3000%2Fx",
        },
        "response": {"headers": {"Date": "today", "Server": "mock"}, "body": ONE, "status": 201},
        **changes,
    }


def callback(**changes: Any) -> dict[str, Any]:
    """An attempt as the control API tells it."""
    usual = {"id": "cb-1", "at": "now", "due": "1", "message_sid": "SM1", "attempt": 1}
    usual |= {"url": "http://localhost:3000/status", "idempotency_token": "t"}
    return {**usual, "status": "sent", "headers": {}, "signature": "s", "duration_ms": 1, **changes}


def test_what_is_left_of_a_request() -> None:
    """No duration, no ports, no dates, no lengths; a form's parameters stand for its body."""
    [found] = canonical([request()], [], [])["requests"]
    assert found == {
        "id": "req-1",
        "host": "localhost",
        "account_sid": "AC#1",
        "request": {
            "headers": {"Host": "localhost", "Accept": "*/*"},
            "params": {"StatusCallback": "http://localhost/x"},
        },
        "response": {"headers": {"Server": "mock"}, "body": "AC#1", "status": 201},
    }


def test_a_body_that_is_no_form_stays() -> None:
    """There is nothing else to tell what was asked."""
    asked = {"headers": {}, "params": {}, "body": "{}"}
    [found] = canonical([request(request=asked)], [], [])["requests"]
    assert found["request"] == asked


def test_callbacks_are_in_the_order_of_their_due_times() -> None:
    """Then by message and attempt, however they were answered."""
    mixed = [
        callback(id="cb-1", due="2"),
        callback(id="cb-2", message_sid="SM2"),
        callback(id="cb-3", attempt=10),
        callback(id="cb-4", attempt=9),
        callback(id="cb-5", message_sid=None, status=None),
    ]
    found = canonical([], mixed, [])["callbacks"]
    assert [(each["due"], each["message_sid"], each["attempt"]) for each in found] == [
        ("1", None, 1),
        ("1", "SM1", 9),
        ("1", "SM1", 10),
        ("1", "SM2", 1),
        ("2", "SM1", 1),
    ]
    assert all({"id", "at", "signature", "duration_ms"}.isdisjoint(each) for each in found)


def test_posts_of_one_moment_are_in_the_order_of_their_tokens() -> None:
    """Events of several messages have nothing else that tells them apart."""
    both = [callback(message_sid=None, status=None, idempotency_token=each) for each in "ba"]
    found = canonical([], both, [])["callbacks"]
    assert [each["idempotency_token"] for each in found] == ["a", "b"]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (f"http://localhost:3000/x?bodySHA256={'0' * 64}", "http://localhost/x"),
        (f"http://localhost:3000/x?a=b&bodySHA256={'f' * 64}", "http://localhost/x?a=b"),
        ("http://localhost:3000/x?bodySHA256=1", "http://localhost/x?bodySHA256=1"),
    ],
)
def test_the_digest_of_a_body_goes(url: str, kept: str) -> None:
    """There are SIDs and ports in the body, which are levelled there."""
    [found] = canonical([], [callback(url=url, body=f"{ONE} at {url[:21]}")], [])["callbacks"]
    assert (found["url"], found["body"]) == (kept, "AC#1 at http://localhost")


def test_messages_lose_their_sandbox_and_their_callbacks() -> None:
    """The sandbox's id is chance, and callbacks have a list of their own."""
    message = {"sid": "SM1", "sandbox": "sb-1", "callbacks": [1], "callbacks_dropped": 1}
    assert canonical([], [], [message])["messages"] == [{"sid": "SM1"}]


def test_accounts_and_keys_are_named_by_appearance() -> None:
    """Each kind counts for itself; what only looks like one stays."""
    level = Levelled()
    assert level(f"{TWO} {KEY} /{ONE}/{TWO}") == "AC#1 SK#1 /AC#2/AC#1"
    assert level(f"Page=1&PageToken=PA{ONE} PB{KEY}") == "Page=1&PageToken=PAAC#2 PBSK#1"
    assert level("AC" + "1" * 33) == "AC" + "1" * 33


@pytest.mark.parametrize(
    ("text", "levelled"),
    [
        ("http://localhost:3000/x", "http://localhost/x"),
        ("https://app.example:8443/x", "https://app.example/x"),
        ("http://[::1]:80", "http://[::1]"),
        ("http%3A%2F%2F127.0.0.1%3A3000%2Fx", "http%3A%2F%2F127.0.0.1%2Fx"),
        ("127.0.0.1:3000: refused", "127.0.0.1: refused"),
        ("Meet at 12:30, ratio 3:10, v1.2.3.4:5", "Meet at 12:30, ratio 3:10, v1.2.3.4:5"),
        ("{'a':1}", "{'a':1}"),
    ],
)
def test_ports_go_and_times_stay(text: str, levelled: str) -> None:
    """Only what stands behind a host is a port."""
    assert Levelled()(text) == levelled


@given(st.permutations([callback(id=f"cb-{n}", due=str(n // 3), attempt=n % 3) for n in range(6)]))
def test_the_order_of_answers_is_no_matter(callbacks: list[dict[str, Any]]) -> None:
    """Any order of arrival makes one journal."""
    found = [(each["due"], each["attempt"]) for each in canonical([], callbacks, [])["callbacks"]]
    assert found == [("0", 0), ("0", 1), ("0", 2), ("1", 0), ("1", 1), ("1", 2)]


def test_a_sid_that_was_cut_is_left_out() -> None:
    """Bodies are cut at 4 kB; what that leaves of a SID would differ from run to run."""
    cut = {"headers": {}, "status": 200, "truncated": True}
    runs = [
        canonical([request(account_sid=sid, response={**cut, "body": f"{sid} {sid[:-3]}"})], [], [])
        for sid in (ONE, TWO)
    ]
    assert [run["requests"][0]["response"]["body"] for run in runs] == ["AC#1 ", "AC#1 "]
