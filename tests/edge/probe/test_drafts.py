"""Drafts, and what they look like when they go out."""

import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN
from mockserver.edge.probe.drafts import Draft, changed, json_shot, plain, status
from mockserver.edge.probe.forgeries import other_host, other_path
from mockserver.edge.probe.manners import https, other_port

URL = "http://localhost:3000/sms"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def draft(**fields: Any) -> Draft:
    params = plain("inbound", DEFAULT_SID, f"SM{'0' * 32}")
    return Draft(URL, params, DEFAULT_TOKEN, "token").but(**fields)


def genuine(made: Draft) -> bool:
    """Whether the official validator takes it."""
    shot = made.shot()
    form: dict[str, str] = {}
    if shot.body is not None:
        form = dict(parse_qsl(shot.body.decode(), keep_blank_values=True))
    return bool(RequestValidator(DEFAULT_TOKEN).validate(shot.url, form, shot.signature))


@given(st.dictionaries(TEXT.filter(bool), TEXT, max_size=5))
def test_what_is_edited_is_signed_anew(changes: dict[str, str]) -> None:
    """The official validator takes any parameters, by POST and by GET."""
    assert genuine(draft().edited(changes))
    assert genuine(draft(method="GET").edited(changes))


@given(st.dictionaries(TEXT.filter(bool), TEXT, min_size=1, max_size=5))
def test_what_is_tampered_with_is_not(changes: dict[str, str]) -> None:
    """The signature stays that of the form as it was."""
    made = draft().tampered(changes)
    assert made.shot().signature == draft().shot().signature
    assert genuine(made) == (dict(made.params) == dict(draft().params))


def test_a_signature_may_be_anything_or_missing() -> None:
    """What is given stands in place of the right one."""
    assert draft(signature="x").shot().signature == "x"
    assert draft(signature=None).shot().signature is None


def test_a_get_has_its_parameters_in_the_query() -> None:
    """And no body, nor a header that speaks of one."""
    shot = draft(method="GET", url=f"{URL}?a=1").shot()
    assert shot.body is None
    assert shot.headers == ()
    assert dict(parse_qsl(urlsplit(shot.url).query))["a"] == "1"


def test_json_carries_its_digest_in_the_url() -> None:
    """The official validator takes it."""
    body = b'{"a": 1}'
    shot = json_shot(draft(), body)
    assert f"bodySHA256={hashlib.sha256(body).hexdigest()}" in shot.url
    validator = RequestValidator(DEFAULT_TOKEN)
    assert validator.validate(shot.url, body.decode(), shot.signature)


def test_changes_keep_the_order() -> None:
    """In place, at the end, or left out."""
    before = (("a", "1"), ("b", "2"), ("c", "3"))
    after = (("a", "1"), ("b", "x"), ("d", "4"))
    assert changed(before, {"b": "x", "c": None, "d": "4", "e": None}) == after


def test_a_status_has_two_names() -> None:
    """Both are changed together."""
    made = dict(changed(plain("status", DEFAULT_SID, "SM"), status("sent")))
    assert (made["SmsStatus"], made["MessageStatus"]) == ("sent", "sent")


def test_urls_are_varied_in_one_respect() -> None:
    """Host, path, port and scheme, each by itself; logins stay."""
    assert other_host("http://u:p@h:1/a?b") == "http://elsewhere.example/a?b"
    assert other_path("http://h/a/?b") == "http://h/a/other?b"
    assert https("http://h:1/a") == "https://h:1/a"
    assert other_port("http://u:p@h:1/a") == "http://u:p@h/a"
    assert other_port("http://u:p@h/a") == "http://u:p@h:80/a"
    assert other_port("https://[::1]/a") == "https://[::1]:443/a"
    assert other_port("https://[::1]:8443/a") == "https://[::1]/a"
