"""What handsets' owners call themselves on WhatsApp."""

from mockserver.domain.addresses import Address
from mockserver.domain.profiles import made_up
from mockserver.world.dice import Dice
from mockserver.world.tables import Tables


class Profiles:
    """A sandbox's: those that were set up, and made-up ones, which depend on seed and number."""

    __slots__ = ("_dice", "_tables")

    def __init__(self, tables: Tables, dice: Dice) -> None:
        self._tables, self._dice = tables, dice

    def of(self, handset: Address) -> str:
        """The name of whoever has this number; "" where the address has none."""
        known = self._tables.handsets.get(handset.value)
        if known is not None and known.profile_name:
            return known.profile_name
        return made_up(self._dice.of("profile", handset.number)) if handset.number else ""
