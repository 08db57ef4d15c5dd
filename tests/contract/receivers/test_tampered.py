"""Twilio's libraries, in applications, believe what we sign and nothing else.

Every request here is signed by `domain/signature.py`, and may claim any host and scheme, as behind
a proxy; the applications of `conftest.py` judge it.
"""

import json
import string
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlsplit

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockserver.domain.forms import add_query, encode_form
from mockserver.domain.signature import sign, sign_json

if TYPE_CHECKING:
    from tests.contract.receivers.conftest import Receiver

REFUSED = frozenset({400, 403})
"""The Node library answers 400 where there is no signature."""

FORM = "application/x-www-form-urlencoded"
LETTERS = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class Sent:
    """A request before it is signed."""

    scheme: str
    host: str
    """With a port, perhaps."""
    target: str
    """Path and query."""
    params: tuple[tuple[str, str], ...]
    method: str = "POST"

    @property
    def url(self) -> str:
        """What is signed: a GET has its parameters there."""
        url = f"{self.scheme}://{self.host}{self.target}"
        return url if self.method == "POST" else add_query(url, self.params)

    @property
    def form(self) -> tuple[tuple[str, str], ...]:
        return self.params if self.method == "POST" else ()

    def signature(self, token: str) -> str:
        return sign(self.url, self.form, token)

    def to(self, receiver: "Receiver", signature: str) -> int:
        """The status with which an application answers it."""
        whole = urlsplit(self.url)
        target = f"{whole.path}?{whole.query}" if whole.query else whole.path
        body = encode_form(self.form).encode() if self.method == "POST" else None
        typed = {"Content_Type": FORM} if body is not None else {}
        return _ask(receiver, self, target, body, {"X_Twilio_Signature": signature, **typed})


def _ask(
    receiver: "Receiver", sent: Sent, target: str, body: bytes | None, headers: dict[str, str]
) -> int:
    claimed = {"Host": sent.host, "X_Forwarded_Proto": sent.scheme}
    status, _ = receiver.ask(sent.method, target, body, **claimed, **headers)
    return status


# -- any request -----------------------------------------------------------------------------------

# Without U+E000 to U+FFFF: among repeated values Python sorts those before emoji, Node behind them.
letters = st.characters(max_codepoint=0xD7FF) | st.characters(min_codepoint=0x10000)
values = st.text(letters, max_size=12) | st.sampled_from(
    ["", "+", "%2B", "a b", "&=", "🎉", "\r\n"]
)
names = st.sampled_from(["Body", "From", "To", "A"]) | st.from_regex(
    "[A-Z][A-Za-z0-9_]{0,9}", fullmatch=True
)
forms = st.lists(st.tuples(names, values), min_size=1, max_size=8).map(tuple)
words = st.text(LETTERS + "-_.~é€", min_size=1, max_size=6).filter(lambda word: word.strip("."))
paths = st.lists(words, max_size=3).map(lambda parts: "/" + quote("/".join(["x", *parts])))
queries = st.lists(st.tuples(names, st.text(LETTERS + " +%&é", max_size=5)), max_size=3)
hosts = st.sampled_from(
    ["app.example.com", "app.example.com:8443", "localhost:3000", "10.0.0.7", "shop.test:80"]
)
sents = st.builds(
    lambda scheme, host, path, query, params: Sent(scheme, host, add_query(path, query), params),
    st.sampled_from(["http", "https"]),
    hosts,
    paths,
    queries,
    forms,
)


@given(sents)
def test_a_form_is_believed(running_receiver: "Receiver", sent: Sent) -> None:
    """At any address; with repeated and empty values, and whatever else a handset may write."""
    assert sent.to(running_receiver, sent.signature(running_receiver.token)) == 204


@given(sents)
def test_a_query_is_believed(running_receiver: "Receiver", sent: Sent) -> None:
    """A GET is signed over its URL alone. `?` is left out: see `test_a_question_as_a_query`."""
    asked = tuple((name, value.replace("?", "")) for name, value in sent.params)
    sent = replace(sent, method="GET", params=asked)
    assert sent.to(running_receiver, sent.signature(running_receiver.token)) == 204


@settings(max_examples=40)
@given(sents, st.dictionaries(names, values | st.integers()))
def test_a_json_body_is_believed(
    running_receiver: "Receiver", sent: Sent, document: dict[str, str | int]
) -> None:
    """Its digest is in the address; the body cut by a character is another one."""
    body = json.dumps(document, ensure_ascii=False).encode()
    address, signature = sign_json(sent.url, body, running_receiver.token)
    target = address.removeprefix(f"{sent.scheme}://{sent.host}")
    headers = {"X_Twilio_Signature": signature, "Content_Type": "application/json"}
    assert _ask(running_receiver, sent, target, body, headers) == 204
    assert _ask(running_receiver, sent, target, body + b" ", headers) in REFUSED


# -- one thing changed -----------------------------------------------------------------------------


@st.composite
def altered(draw: st.DrawFn, text: str, alphabet: st.SearchStrategy[str]) -> str:
    """The text with one character another."""
    place = draw(st.integers(0, len(text) - 1))
    other = draw(alphabet.filter(lambda letter: letter != text[place]))
    return text[:place] + other + text[place + 1 :]


ascii_letters = st.sampled_from(LETTERS)


@st.composite
def other_params(draw: st.DrawFn, sent: Sent) -> Sent:
    """A parameter is gone, is new, or has one character changed, in its name or its value."""
    params, place = list(sent.params), draw(st.integers(0, len(sent.params) - 1))
    name, value = params[place]
    how = draw(st.sampled_from(["drop", "add", "rename", "change"]))
    if how == "drop":
        del params[place]
    elif how == "add":
        params.insert(place, draw(st.tuples(names, values)))
    elif how == "rename":
        params[place] = ("X" + draw(altered(name, ascii_letters)), value)
    else:
        params[place] = (name, draw(altered(value, letters)) if value else "x")
    return replace(sent, params=tuple(params))


@st.composite
def other_url(draw: st.DrawFn, sent: Sent) -> Sent:
    """Scheme, host, path or query is another."""
    how = draw(st.sampled_from(["scheme", "host", "target", "query"]))
    if how == "scheme":
        return replace(sent, scheme="http" if sent.scheme == "https" else "https")
    if how == "host":
        return replace(sent, host="other.example.com")
    if how == "query":
        return replace(sent, target=add_query(sent.target, [("Z", draw(values))]))
    return replace(sent, target="/" + draw(altered(sent.target[1:], ascii_letters)))


def meaning(sent: Sent) -> tuple[object, ...]:
    """What two requests have in common that nobody can tell apart, and need not."""
    split = urlsplit(sent.url)
    signed = "".join(name + value for name, value in sorted(set(sent.form)))
    return (split.scheme, split.netloc, split.path.lower(), *parse_qsl(split.query), signed)


@given(sents, st.sampled_from(["POST", "GET"]), st.data())
def test_tampering_is_noticed(
    running_receiver: "Receiver", sent: Sent, method: str, data: st.DataObject
) -> None:
    """Whatever is changed on the way, the signature does not fit any more."""
    sent = replace(sent, method=method)
    other = data.draw(other_params(sent) | other_url(sent))
    assume(meaning(other) != meaning(sent))
    assert other.to(running_receiver, sent.signature(running_receiver.token)) in REFUSED


@settings(max_examples=25)
@given(sents, st.data())
def test_another_token_is_noticed(
    running_receiver: "Receiver", sent: Sent, data: st.DataObject
) -> None:
    """One character of it is enough; and one of the signature, or none of it."""
    token = data.draw(altered(running_receiver.token, ascii_letters))
    signature = sent.signature(running_receiver.token)
    damaged = data.draw(altered(signature, ascii_letters))
    for wrong in (sent.signature(token), damaged, signature[:-1], ""):
        assert sent.to(running_receiver, wrong) in REFUSED
