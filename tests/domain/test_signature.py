"""Signatures, judged by Twilio's test vectors and by the official validator."""

import json
from base64 import b64decode
from urllib.parse import urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from mockserver.domain.signature import masked, sign, sign_json, signed_url

TOKEN = "12345"
CALL = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]
REPEATED = [
    ("Sid", "CA123"),
    ("SidAccount", "AC123"),
    ("Digits", "5678"),
    ("Digits", "1234"),
    ("Digits", "1234"),
]
BODY = b'{"property": "value", "boolean": true}'
BODY_SHA256 = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
forms = st.lists(st.tuples(st.sampled_from("ab") | texts, st.sampled_from("12") | texts))
tokens = st.text("0123456789abcdef", min_size=1, max_size=32)
words = st.text("abcdefXYZ0123456789-_~%", min_size=1, max_size=8)
queries = st.lists(st.tuples(words, words | texts), max_size=3).map(urlencode)
hosts = st.sampled_from(["example.com", "localhost", "127.0.0.1", "a.b"])
ports = st.sampled_from(["", ":80", ":443", ":8000"])


@st.composite
def urls(draw: st.DrawFn) -> str:
    """Addresses of webhooks without user name, password and fragment."""
    path = "".join(f"/{word}" for word in draw(st.lists(words, max_size=3)))
    query = draw(queries)
    scheme = draw(st.sampled_from(["http", "https"]))
    return f"{scheme}://{draw(hosts)}{draw(ports)}{path}" + (query and f"?{query}")


@pytest.mark.parametrize(
    ("url", "params", "signature"),
    [
        ("https://mycompany.com/myapp.php?foo=1&bar=2", CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:443/myapp.php?foo=1&bar=2", CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com:80/myapp.php?foo=1&bar=2", CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", CALL, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        ("https://mycompany.com/myapp.php?foo=1&bar=2", REPEATED, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    ],
)
def test_official_vectors(url: str, params: list[tuple[str, str]], signature: str) -> None:
    """The values of Twilio's own tests; the order of parameters and repetitions do not matter."""
    assert sign(url, params, TOKEN) == sign(url, reversed(params), TOKEN) == signature


def test_the_official_json_vector() -> None:
    """A JSON body is signed by its digest in the address."""
    address, signature = sign_json("https://mycompany.com/myapp.php?foo=1&bar=2", BODY, TOKEN)
    assert address == f"https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256={BODY_SHA256}"
    assert signature == "a9nBmqA0ju/hNViExpshrM61xv4="


@given(urls(), forms, tokens)
def test_the_official_validator_accepts_forms(
    url: str, params: list[tuple[str, str]], token: str
) -> None:
    """Any form, repeated and empty parameters and all of Unicode included."""
    received = MultiDict(params)
    assert RequestValidator(token).validate(signed_url(url), received, sign(url, params, token))


@given(urls(), forms, tokens, forms)
def test_the_official_validator_notices_tampering(
    url: str, params: list[tuple[str, str]], token: str, others: list[tuple[str, str]]
) -> None:
    """Another form does not pass with the signature of this one."""
    assume("".join(map("".join, sorted(set(params)))) != "".join(map("".join, sorted(set(others)))))
    signature = sign(url, params, token)
    assert not RequestValidator(token).validate(signed_url(url), MultiDict(others), signature)


@given(urls(), st.dictionaries(texts, texts), tokens)
def test_the_official_validator_accepts_json(url: str, value: dict[str, str], token: str) -> None:
    """With the address that the body is posted to, and only with this body."""
    body = json.dumps(value)
    address, signature = sign_json(url, body.encode(), token)
    validator = RequestValidator(token)
    assert validator.validate(signed_url(address), body, signature)
    assert not validator.validate(signed_url(address), body + " ", signature)


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://example.com", "https://example.com/"),
        ("https://example.com:8443", "https://example.com:8443/"),
        ("https://example.com?a=1", "https://example.com/?a=1"),
        ("https://example.com/sms", "https://example.com/sms"),
        ("https://example.com/sms/", "https://example.com/sms/"),
        ("https://example.com/sms?", "https://example.com/sms"),
        ("HTTPS://example.com/sms", "https://example.com/sms"),
        ("https://user:p:ss@example.com:1234/sms?a=@b#rc=2", "https://example.com:1234/sms?a=@b"),
        ("http://[::1]:8000/sms#rc=1", "http://[::1]:8000/sms"),
        ("not a url#rc=1", "not a url"),
    ],
)
def test_what_of_an_address_is_signed(url: str, signed: str) -> None:
    """Credentials and overrides go, the port stays, an empty path is a slash."""
    assert signed_url(url) == signed
    assert signed_url(signed) == signed
    assert sign(url, CALL, TOKEN) == sign(signed, CALL, TOKEN)


def test_json_addresses_keep_credentials_and_overrides() -> None:
    """They are needed to post, though they are not signed; the digest stands before them."""
    address, signature = sign_json("https://me:pw@example.com/x#rc=2", BODY, TOKEN)
    assert address == f"https://me:pw@example.com/x?bodySHA256={BODY_SHA256}#rc=2"
    assert signature == sign(f"https://example.com/x?bodySHA256={BODY_SHA256}", (), TOKEN)


def test_a_signature_is_base64_of_sha1() -> None:
    """20 bytes with padding, also for a GET without parameters."""
    assert len(b64decode(sign("https://example.com/", (), TOKEN), validate=True)) == 20


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ann:p%3Aw@h.example/a?b=c#rc=1", "https://ann:***@h.example/a?b=c#rc=1"),
        ("http://ann:p:w@x@h.example", "http://ann:***@h.example"),
        ("http://:p@[::1]:80/", "http://:***@[::1]:80/"),
        ("http://ann@h.example/a:b@c", "http://ann@h.example/a:b@c"),
        ("http://h.example:80/?to=http://a:b@c", "http://h.example:80/?to=http://a:b@c"),
    ],
)
def test_a_password_is_not_shown(url: str, shown: str) -> None:
    """Everything else is, as it was written; what is no login is no business of ours."""
    assert masked(url) == shown
