"""Callbacks that failed and wait for the sandbox's clock, with those behind them: into a snapshot,
and on from one."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from mockserver.world.queues import Queues
from mockserver.world.weather.waiting import Late

if TYPE_CHECKING:  # loaded with the first of them
    from mockserver.world.weather.marking import Marking


def parked(queues: Queues, marking: "Marking") -> list[Late]:
    """Each chain whose first callback waits for another attempt, as it is now."""
    return [
        Late(chain, due, tuple(marking.copied(item, chain) for item in items))
        for chain, due, items in queues.parked()
    ]


def resume(
    kept: Iterable[Late], names: Mapping[str, str], queues: Queues, marking: "Marking"
) -> None:
    """Have them wait again, signed with the tokens of the accounts that they have by `names`."""
    for late in kept:
        for copy in late.renamed(names).train:
            posting = marking.signed(copy).posting
            if queues.memory is not None:
                queues.memory.keep(posting)
            queues.resume(posting)
