"""`mockserver.toml` as texts by key, so that a value is read the same whoever gave it.

What is wrong is raised as `ValueError` with what was expected; who asked names file and key.
"""

from pathlib import Path


def read_document(path: Path) -> dict[str, object]:
    """The keys; raises `OSError` too. A byte order mark, as Windows writes it, is well."""
    text = path.read_text(encoding="utf-8-sig")
    import tomllib  # only where there is a file

    return tomllib.loads(text)


def texts_of(value: object, *, many: bool, switch: bool, form: str) -> tuple[str, ...]:
    """A key's value as texts; `form` is a line as it should be.

    With `many` it may be an array, whose items are whole where text is cut at commas later.
    """
    if isinstance(value, list) and many:
        return tuple(_text(item, switch=switch, form=form) for item in value)
    return (_text(value, switch=switch, form=form),)


def _text(value: object, *, switch: bool, form: str) -> str:
    if isinstance(value, bool):
        if not switch:
            raise ValueError(f"takes text or a number, not {str(value).lower()}; write {form}")
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"takes text or a number, not {_kind(value)}; write {form}")


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    return "an array here" if isinstance(value, list) else "a date or a time"
