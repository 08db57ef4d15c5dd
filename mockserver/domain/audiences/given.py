"""Stores and cohorts as a seed gives them."""

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:  # few seeds have any
    from mockserver.domain.audiences.blocks import Batch


class GivenFakes(msgspec.Struct, frozen=True):
    """People who are made up."""

    count: int
    seed: int = 0
    whatsapp: bool = False
    """Whether they have WhatsApp too, with the numbers of their phones."""


class GivenPeople(msgspec.Struct, frozen=True):
    """Profiles: those that were listed, or what is in a file, or made up."""

    batch: "Batch | None" = None
    """None until somebody has read the file, or made them up."""
    file: str = ""
    """A whole path."""
    fake: GivenFakes | None = None

    def document(self, key: str) -> dict[str, object]:
        """As in a seed; `key` is that of a list."""
        if self.file:
            return {"file": self.file}
        if self.fake is not None:
            usual = GivenFakes(self.fake.count)
            said = {name: getattr(self.fake, name) for name in ("seed", "whatsapp")}
            differs = {name: one for name, one in said.items() if one != getattr(usual, name)}
            return {"fake": {"count": self.fake.count, **differs}}
        return {key: list(self.batch.rows())} if self.batch is not None else {}


class GivenStore(msgspec.Struct, frozen=True):
    """A store; it has an id or a name."""

    id: str = ""
    """"" for the one that follows from the name."""
    name: str = ""
    account_sid: str = ""
    """"" for the sandbox's own account."""
    people: GivenPeople = GivenPeople()

    def document(self) -> dict[str, object]:
        """As in a seed."""
        return {**_named(self), **self.people.document("profiles")}


class GivenCohort(msgspec.Struct, frozen=True):
    """A group of people."""

    id: str = ""
    """"" for the one that follows from the name."""
    name: str = ""
    account_sid: str = ""
    """"" for the sandbox's own account."""
    store: str = ""
    """Id or name of the store that they are of; "" for one of their own."""
    profiles: tuple[str, ...] | None = None
    """Ids of those of the store who belong to it; None for all."""
    people: GivenPeople = GivenPeople()
    """Of a store of their own."""

    def document(self) -> dict[str, object]:
        """As in a seed."""
        if not self.store:
            return {**_named(self), **self.people.document("members")}
        some = {} if self.profiles is None else {"profiles": list(self.profiles)}
        return {**_named(self), "store": self.store, **some}


def _named(given: GivenStore | GivenCohort) -> dict[str, object]:
    named = {"id": given.id, "name": given.name, "account_sid": given.account_sid}
    return {key: text for key, text in named.items() if text}
