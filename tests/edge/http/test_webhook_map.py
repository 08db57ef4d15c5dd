"""Which address leads where."""

import pytest

from mockserver.edge.http.place import take_apart
from mockserver.edge.http.webhook_map import read_map

MAP = read_map(
    [
        ("https://app.example", "http://my_app:8080"),
        ("https://app.example/hooks/", "http://127.0.0.1:5000/in"),
        ("https://app.example/hooks", "http://never:1"),
        ("localhost", "host.docker.internal"),
        ("LOCALHOST", "172.17.0.1"),
        ("[fd00::1]", "[fd00::2]"),
        ("app.test", "other.test"),
    ]
)


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("https://app.example/hooks", "http://127.0.0.1:5000/in"),
        ("https://app.example/hooks/sms?x=1#rc=2", "http://127.0.0.1:5000/in/sms?x=1"),
        ("https://APP.example:443/hooks/sms", "http://127.0.0.1:5000/in/sms"),
        ("https://app.example/hooks2", "http://my_app:8080/hooks2"),
        ("https://u:p@app.example", "http://my_app:8080/"),
        ("https://app.example./x", "http://my_app:8080/x"),
    ],
)
def test_a_url_leads_what_is_below_it(url: str, called: str) -> None:
    """By origin and whole path segments; the longest path decides, and then the first entry."""
    place = take_apart(url)
    led = MAP.lead(place)
    assert (led.text(), led.login) == (called, place.login)


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example/hooks",
        "https://app.example:8443/hooks",
        "https://app.example.org/",
        "http://localhost/",
    ],
)
def test_others_go_where_they_say(url: str) -> None:
    """The very same place comes back. A host's entry leads nobody, at first."""
    place = take_apart(url)
    assert MAP.lead(place) is place


@pytest.mark.parametrize(
    ("url", "spare"),
    [
        (
            "http://localhost:3000/x?y",
            ["http://host.docker.internal:3000/x?y", "http://172.17.0.1:3000/x?y"],
        ),
        ("https://127.0.0.2/", ["https://host.docker.internal/", "https://172.17.0.1/"]),
        ("http://[::1]:1/", ["http://host.docker.internal:1/", "http://172.17.0.1:1/"]),
        ("http://[FD00::1]:1/", ["http://[fd00::2]:1/"]),
        ("https://app.test/", ["https://other.test/"]),
        ("https://app.example/", []),
    ],
)
def test_a_host_stands_in_for_another(url: str, spare: list[str]) -> None:
    """On every scheme and port, in the order of the entries; `localhost` is all of loopback."""
    assert [place.text() for place in MAP.spare(take_apart(url))] == spare


def test_one_map_goes_before_another() -> None:
    """Even where the other one's path is longer."""
    first = read_map([("https://app.example", "http://first"), ("app.test", "first.test")])
    both = first.before(MAP)
    assert both.lead(take_apart("https://app.example/hooks")).host == "first"
    assert [each.host for each in both.spare(take_apart("http://app.test"))] == [
        "first.test",
        "other.test",
    ]


@pytest.mark.parametrize(
    ("start", "goal", "fix"),
    [
        ("app.example", "http://127.0.0.1", "is one of each"),
        ("https://app.example", "127.0.0.1", "is one of each"),
        ("ftp://app.example", "http://127.0.0.1", "http:// or https://"),
        ("https://app.example", "http://127.0.0.1:99999", "not a URL"),
        ("https://app.example?x=1", "http://127.0.0.1", "more than scheme, host, port and path"),
        ("https://app.example", "http://u:p@127.0.0.1", "more than scheme, host, port and path"),
        ("https://app.example", "http://127.0.0.1#rc=2", "more than scheme, host, port and path"),
        ("localhost:3000", "host.docker.internal", "'localhost:3000' is not a host name"),
        ("localhost", "host.docker.internal:3000", "is not a host name"),
        ("localhost", "", "'' is not a host name"),
        ("a/b", "c", "'a/b' is not a host name"),
    ],
)
def test_an_entry_that_cannot_be_read_is_refused(start: str, goal: str, fix: str) -> None:
    """With a sentence that says what is wanted."""
    with pytest.raises(ValueError, match=fix.replace("(", r"\(")):
        read_map([(start, goal)])
