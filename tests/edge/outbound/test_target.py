"""From a callback URL to the place that is connected to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.forms import add_query, encode_form
from mockserver.domain.signature import signed_url
from mockserver.edge.http.place import take_apart
from mockserver.edge.http.webhook_map import read_map
from mockserver.edge.outbound.policy import Policy
from mockserver.edge.outbound.target import aim, detour, redirected, with_query
from mockserver.world.ports import Unreachable

POLICY = Policy()


@pytest.mark.parametrize(
    "url",
    [
        "http://app.test",
        "http://APP.test:80/Path?x=a%20b+c&y=%7e",
        "https://user:secret@app.test:8443/a/../b?q#rc=2",
        "http://[fd00::1]:5000/x?a=1&a=2",
        "http://127.0.0.1/%C3%BC",
    ],
)
def test_what_is_requested_is_what_is_signed(url: str) -> None:
    """Host, port, path and query stay as they are written: the receiver computes over them."""
    target = aim(url, POLICY)
    seen = f"{target.place.scheme}://{target.place.written}{target.url.raw_path_qs}"
    assert seen == signed_url(url)


def test_a_get_is_signed_with_its_parameters() -> None:
    """The address made for signing and the one requested are the same."""
    url, params = "http://app.test/x?a=1#rc=2", [("To", "+1 2"), ("Body", "")]
    target = with_query(aim(url, POLICY), encode_form(params))
    assert str(target.url) == signed_url(add_query(url, params))


def test_foreign_letters_are_encoded() -> None:
    """A host becomes IDNA, a path and a query UTF-8 in percent encoding."""
    target = aim("http://bücher.test/ü?ß=1", POLICY)
    assert str(target.url) == "http://xn--bcher-kva.test/%C3%BC?%C3%9F=1"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", 11100),
        ("app.test/x", 11100),
        ("/relative", 11100),
        ("ftp://app.test/", 11100),
        ("http://", 11100),
        ("http:///x", 11100),
        ("http://:80/", 11100),
        ("http://app.test:0/", 11100),
        ("http://app.test:99999/", 11100),
        ("http://app.test:x/", 11100),
        ("http://[::1/", 11100),
        ("http://app.test/a b", 11100),
        ("http://app.test/a\r\nX: y", 11100),
        ("http://app.test/\ud800", 11100),
        ("http://app%2etest/", 11210),
        ("http://a..test/", 11210),
        ("http://-a.test/", 11210),
        ("http://" + "a" * 64 + ".test/", 11210),
        ("http://" + "a." * 127 + "test/", 11210),
        ("http://[::1%25lo]/", 11210),
        ("http://\u2100.\u2488/", 11100),
        ("http://my_app:5000/", 21609),
        ("http://8.8.8.8/", 11200),
        ("http://[::ffff:169.254.169.254]/", 11200),
        ("http://127.0.0.1@8.8.8.8/", 11200),
    ],
)
def test_a_strange_url_is_not_called(url: str, code: int) -> None:
    """Each has Twilio's alert code and a sentence."""
    with pytest.raises(Unreachable) as refusal:
        aim(url, POLICY)
    assert (refusal.value.code, refusal.value.phase) == (code, "refused")
    assert len(refusal.value.reason) > 20


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "2852039166", "127.0.0.1.", "1.2.3"]
)
def test_an_address_in_disguise_is_not_called(host: str) -> None:
    """Sockets read these as addresses that no check has seen."""
    with pytest.raises(Unreachable, match="four numbers"):
        aim(f"http://{host}/", Policy(["*"]))


def test_no_sentence_holds_a_password() -> None:
    """Sentences go to the journal."""
    for url in ("http://u:secret@8.8.8.8/", "http://u:secret@a b/", "ftp://u:secret@h:0/"):
        with pytest.raises(Unreachable) as refusal:
            aim(url, POLICY)
        assert "secret" not in refusal.value.reason
    assert "secret" not in repr(take_apart("http://u:secret@h/"))


@given(st.text() | st.text().map("http://".__add__) | st.text().map("http://h".__add__))
def test_any_text_is_a_target_or_unreachable(url: str) -> None:
    """And a target's URL names the host that was checked."""
    try:
        target = aim(url, POLICY)
    except Unreachable:
        return
    assert target.url.raw_host == target.called.host
    assert target.url.raw_fragment == ""
    assert target.url.user is None


MAP = read_map(
    [
        ("https://app.example", "http://127.0.0.1:5000/in"),
        ("https://public.example", "http://8.8.8.8"),
        ("app.test", "8.8.8.8"),
        ("app.test", "127.0.0.1"),
    ]
)


def test_the_webhook_map_leads_elsewhere() -> None:
    """What is signed, and the `Host` header, stay; whether it leads elsewhere is known."""
    url = "https://APP.example:443/sms?x=1"
    target = aim(url, POLICY, MAP)
    assert str(target.url) == "http://127.0.0.1:5000/in/sms?x=1"
    assert signed_url(url).startswith(f"{target.place.scheme}://{target.place.written}/")
    assert target.mapped
    assert not aim("http://app.example/", POLICY, MAP).mapped


def test_a_query_goes_along() -> None:
    """Wherever a request may be sent in the end."""
    for url in ("https://app.example/sms", "http://app.test/sms?x"):
        plain = aim(url, POLICY, MAP)
        target = with_query(plain, "To=1")
        assert target.mapped == plain.mapped
        assert target.url.query_string.endswith("To=1")
        assert [each.query for each in target.spare] == [target.place.query] * len(plain.spare)


def test_the_policy_judges_where_the_map_leads() -> None:
    """A public name may be mapped to a private address, and not the other way round."""
    with pytest.raises(Unreachable, match=r"--webhook-allow 8\.8\.8\.8"):
        aim("https://public.example/", POLICY, MAP)


def test_the_policy_judges_a_detour() -> None:
    """When it is taken."""
    target = aim("https://app.test/sms", POLICY, MAP)
    public, private = target.spare
    with pytest.raises(Unreachable, match=r"--webhook-allow 8\.8\.8\.8"):
        detour(target, public, POLICY)
    taken = detour(target, private, POLICY)
    assert (str(taken.url), taken.certified) == ("https://127.0.0.1/sms", "app.test")
    assert (taken.place, taken.spare, taken.mapped) == (target.place, (), True)


@pytest.mark.parametrize(("fragment", "sni"), [("", True), ("#sni=n", False), ("#sni=y", True)])
def test_an_override_decides_about_tls(fragment: str, sni: bool) -> None:
    """Whether it begins with the server's name."""
    assert aim(f"https://app.test/{fragment}", POLICY).sni == sni


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/next", "https://app.example/next"),
        ("next?x", "https://app.example/hooks/next?x"),
        ("//other.test/", "https://other.test/"),
        ("http://other.test", "http://other.test"),
    ],
)
def test_a_redirect_is_seen_from_the_url_as_configured(location: str, url: str) -> None:
    """Not from where the map led: the application answers as the public one."""
    assert redirected(aim("https://app.example/hooks/sms", POLICY, MAP), location) == url
