"""Stores and cohorts of a seed: from documents that fit their schema to records."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from mockserver.domain.audiences.given import GivenCohort, GivenFakes, GivenPeople, GivenStore
from mockserver.domain.audiences.rows import SUFFIXES, BadRow
from mockserver.world.audiences.filling import at_once, of_rows
from mockserver.world.scenarios.faults import Misfit

Document = Mapping[str, Any]

LISTED: Final = 10_000
"""Profiles that a document may list; ours. More come as a file, which is read bit by bit."""

_NAMED: Final = ("id", "name", "account_sid")


def store(item: Document, files: Path | None) -> GivenStore:
    """A store; `files` is where its file is looked for, None where it may name none."""
    return GivenStore(**_named(item), people=_people(item, "profiles", files))


def cohort(item: Document, files: Path | None) -> GivenCohort:
    """A cohort, of a store or with members of its own."""
    own = [key for key in ("members", "file", "fake") if key in item]
    if "store" not in item:
        if "profiles" in item:
            raise Misfit(("profiles",), "say of which `store` they are")
        return GivenCohort(**_named(item), people=_people(item, "members", files))
    if own:
        raise Misfit((own[0],), "members of a `store` are not given here too")
    ids = item.get("profiles")
    profiles = None if ids is None else tuple(ids)
    return GivenCohort(**_named(item), store=item["store"], profiles=profiles)


def _named(item: Document) -> dict[str, Any]:
    if not (item.get("id") or item.get("name")):
        raise Misfit((), "needs an `id` or a `name`")
    return {key: item[key] for key in _NAMED if key in item}


def _people(item: Document, key: str, files: Path | None) -> GivenPeople:
    if len(said := [each for each in (key, "file", "fake") if each in item]) > 1:
        raise Misfit((said[1],), f"say one of `{key}`, `file` and `fake`")
    if "file" in item:
        return GivenPeople(file=_file(item["file"], files))
    if "fake" in item:
        return GivenPeople(fake=GivenFakes(**item["fake"]))
    return _listed(item.get(key, ()), key)


def _file(name: str, files: Path | None) -> str:
    if files is None:
        told = "only a scenario's own file may name one: upload it to POST /_mock/cohorts"
        raise Misfit(("file",), told)
    path = (files / name).absolute()
    if path.suffix.lower() not in SUFFIXES:
        raise Misfit(("file",), f"its name must end in {' or '.join(SUFFIXES)}")
    if not path.is_file():
        raise Misfit(("file",), f"there is no file {path}")
    return str(path)


def _listed(rows: Sequence[Document], key: str) -> GivenPeople:
    if len(rows) > LISTED:
        told = f"at most {LISTED} can be listed: write more to a file, or upload them as rows"
        raise Misfit((key,), told)
    try:
        return GivenPeople(at_once(of_rows(rows)))
    except BadRow as bad:
        raise Misfit((key, bad.line), bad.reason) from None
