"""What a TOML file says, as texts."""

from pathlib import Path

import pytest

from mockserver.config_file import read_document, texts_of


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (1, ("1",)),
        (-1.5, ("-1.5",)),
        ("a, b", ("a, b",)),
        (["a, b", 2], ("a, b", "2")),
        ([], ()),
    ],
)
def test_a_list_is_its_items_and_all_else_one(value: object, texts: tuple[str, ...]) -> None:
    """Items stay whole, whatever is in them."""
    assert texts_of(value, many=True, switch=False, form="") == texts


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false"), ("on", "on")])
def test_a_switch_may_be_a_word(value: object, text: str) -> None:
    """Or what TOML has for it."""
    assert texts_of(value, many=False, switch=True, form="") == (text,)


@pytest.mark.parametrize(
    ("value", "said"), [({}, "a table"), ([], "an array"), (True, "true"), (None, "a date")]
)
def test_what_is_no_text_is_named(value: object, said: str) -> None:
    """With a line as it should be."""
    with pytest.raises(ValueError, match=f"takes text or a number, not {said}.*; write port = 1"):
        texts_of(value, many=False, switch=False, form="port = 1")


def test_a_document_is_read(tmp_path: Path) -> None:
    """Line ends of any system, and a byte order mark before the first."""
    path = tmp_path / "x.toml"
    path.write_bytes("\ufeffa = 1\r\nb = 'ü'\n".encode())
    assert read_document(path) == {"a": 1, "b": "ü"}
