"""A reader who follows the pages while others write and delete."""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.rest import Client

if TYPE_CHECKING:
    from tests.contract.conftest import ToMock

ME, YOU, THEM = "+15017122661", "+14155552671", "+14155552672"

STEPS = st.lists(
    st.one_of(
        st.just(("next", 0)),
        st.just(("back", 0)),
        st.tuples(st.just("create"), st.integers(0, 1)),
        st.tuples(st.just("delete"), st.integers(0, 30)),
    ),
    max_size=30,
)


@pytest.fixture
def newcomer(http: "ToMock") -> Callable[[], Client]:
    """Another account each time."""
    return lambda: Client(f"AC{secrets.token_hex(16)}", "token", http_client=http)


class Reader:
    """Reads forward page by page, and goes back now and then."""

    def __init__(self, client: Client, size: int, to: str | None) -> None:
        filters = {"to": to} if to else {}
        self.client = client
        self.page: Any = client.messages.page(page_size=size, **filters)
        self.shown: list[str] = []
        self._take()

    def _take(self) -> None:
        self.last = [message.sid for message in self.page]
        self.shown += self.last

    def go_on(self) -> bool:
        """Whether there was another page."""
        if self.page is not None:
            self.page = self.page.next_page()
        if self.page is None:
            return False
        self._take()
        return True

    def look_back(self) -> list[str]:
        """What the page before shows now; the reader stays where it is."""
        if self.page is None or not self.last:
            return []
        previous = self.page.previous_page()
        return [message.sid for message in previous] if previous is not None else []


@given(
    start=st.integers(0, 12),
    size=st.integers(1, 5),
    steps=STEPS,
    to=st.sampled_from([None, YOU]),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_message_twice_and_none_left_out(
    newcomer: Callable[[], Client],
    start: int,
    size: int,
    steps: list[tuple[str, int]],
    to: str | None,
) -> None:
    """Whatever happens between two pages.

    What was there from beginning to end is shown once; what came later never; what was deleted at
    most once.
    """
    client = newcomer()
    alive: list[str] = []
    deleted: set[str] = set()

    def create(which: int) -> str:
        sid: str = client.messages.create(to=(YOU, THEM)[which], from_=ME, body="Ahoy").sid
        alive.append(sid)
        return sid

    def matches(which: int) -> bool:
        return to is None or which == 0

    old = [
        sid for which in (n % 2 for n in range(start)) if (sid := create(which), matches(which))[1]
    ]
    reader = Reader(client, size, to)
    for what, which in steps:
        if what == "next":
            reader.go_on()
        elif what == "create":
            create(which)
        elif what == "delete" and alive:
            sid = alive.pop(which % len(alive))
            client.messages(sid).delete()
            deleted.add(sid)
        elif what == "back":
            before = reader.look_back()
            assert len(before) == len(set(before)) <= size
            assert not set(before) & set(reader.last)
    while reader.go_on():
        pass
    assert len(reader.shown) == len(set(reader.shown))
    assert set(reader.shown) <= set(old)
    assert [sid for sid in reader.shown if sid not in deleted] == [
        sid for sid in reversed(old) if sid not in deleted
    ]
