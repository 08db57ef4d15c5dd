"""Bodies in parts as the forms that they are."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Request

from mockserver.edge.http.multipart import as_form

HEAD = b'--b\r\nContent-Disposition: form-data; name="To"'
KIND = "multipart/form-data; boundary=b"


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"--b--\r\n", b""),
        (HEAD + b"\r\n\r\n+1 a&b\r\n--b--\r\n", b"To=%2B1+a%26b"),
        (HEAD + b"\r\nContent-Type: text/plain\r\n\r\n\r\n\r\n--b--", b"To=%0D%0A"),
        (HEAD + b"\r\n\r\n\r\n" + HEAD + b"\r\n\r\n2\r\n--b--", b"To=&To=2"),
        (b"before it\r\n" + HEAD + b"\r\n\r\n1\r\n--b--\r\nafter it", b"To=1"),
        (b"--b\r\ncontent-disposition: form-data; name=To\r\n\r\n1\r\n--b--", b"To=1"),
        (b'--b\r\ncontent-disposition: form-data; name=""\r\n\r\n1\r\n--b--', b"=1"),
    ],
)
def test_fields(body: bytes, form: bytes) -> None:
    """Each name with its value, percent-encoded, in their order; what stands around is left out."""
    assert as_form(body, KIND) == form


@pytest.mark.parametrize("boundary", ['"b"', "b", "b; charset=utf-8"])
def test_the_boundary(boundary: str) -> None:
    """May be quoted, and need not be the last of the parameters."""
    body = HEAD + b"\r\n\r\n1\r\n--b--"
    assert as_form(body, f"multipart/form-data; boundary={boundary}") == b"To=1"


def test_a_file() -> None:
    """Is no parameter."""
    body = HEAD + b'; filename="a.txt"\r\n\r\nx\r\n' + HEAD + b"\r\n\r\n1\r\n--b--"
    assert as_form(body, KIND) == b"To=1"


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (HEAD + b"\r\n\r\n1\r\n--b--", "multipart/form-data", "names no boundary"),
        (HEAD + b"\r\n\r\n1\r\n--b", KIND, "last boundary is missing"),
        (b"To=1", KIND, "last boundary is missing"),
        (HEAD + b"\r\n--b--", KIND, "has no name"),
        (b"--b\r\nX: y\r\n\r\n1\r\n--b--", KIND, "has no name"),
    ],
)
def test_broken(body: bytes, kind: str, said: str) -> None:
    """A word about what is wrong."""
    with pytest.raises(ValueError, match=said):
        as_form(body, kind)


NAMES = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1)


@given(st.lists(st.tuples(NAMES, st.text()), min_size=1))
def test_what_a_client_wrote(pairs: list[tuple[str, str]]) -> None:
    """Any text, as an HTTP client packs it."""
    fields = [(name, (None, value)) for name, value in pairs]
    packed = Request("POST", "http://localhost/", files=fields).prepare()
    assert isinstance(packed.body, bytes)
    form = as_form(packed.body, str(packed.headers["Content-Type"]))
    assert parse_qsl(form.decode(), keep_blank_values=True) == pairs
