"""Whom an account may name: its stores and its cohorts."""

from mockserver.world.audiences.stores import Cohort, Crowd, Store
from mockserver.world.tables import Tables


class OwnAudience:
    """The stores and cohorts of one account."""

    __slots__ = ("_account_sid", "_tables")

    def __init__(self, tables: Tables, account_sid: str) -> None:
        self._tables, self._account_sid = tables, account_sid

    def store(self, id_: str) -> Store | None:
        """As it is now."""
        found = self._tables.profile_stores.get(id_)
        return found if found is not None and found.account_sid == self._account_sid else None

    def cohort(self, id_: str) -> Crowd | None:
        """Its members as they are now."""
        found = self._tables.cohorts.get(id_)
        if found is None or found.account_sid != self._account_sid:
            return None
        return crowd(self._tables, found)


def crowd(tables: Tables, cohort: Cohort) -> Crowd:
    """The members of a cohort as they are now."""
    store = tables.profile_stores[cohort.store_id]
    places = cohort.places
    return Crowd(store, places, store.count if places is None else len(places))
