"""Which senders are tried for a recipient, in which order.

Source: Channel fallback guide; Operation resource ("no usable pair of from and to"). A sender and
one of the recipient's addresses are a *way*; the next one is tried where one fails.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from mockserver.domain.bulk.records import SenderChoice
from mockserver.domain.sender_pools import PAIRINGS, Sender

End = tuple[str, str]
"""A recipient's channel, `PHONE` or `WHATSAPP`, and the address on it."""

Way = tuple[int, int]
"""A sender and an end, by their places in what `Ways` and the recipient have."""

Pick = Callable[[str, int], int]
"""Chance: which one of so many, for a text that names what is chosen for."""

FALLBACK_ORDER: Final = tuple(PAIRINGS)
"""RCS before SMS. Source: the guide."""


class Ways:
    """The senders of an operation, as they were when it was accepted."""

    __slots__ = ("_by_channel", "_known", "_order", "senders")

    def __init__(
        self,
        senders: tuple[Sender, ...],
        choice: SenderChoice | None = None,
        usable: frozenset[str] = frozenset(PAIRINGS),
    ) -> None:
        """`choice` is what `from` says of channels; `usable` are those with something to send."""
        only = frozenset(choice.only) if choice is not None else frozenset()
        channels = usable & only if only else usable
        told: Sequence[str] = choice.order if choice is not None else ()
        self.senders = senders
        self._by_channel: dict[str, list[int]] = {}
        for place, sender in enumerate(senders):
            if sender.status == "ACTIVATED" and sender.channel in channels:
                self._by_channel.setdefault(sender.channel, []).append(place)
        self._order: dict[str, int] = {channel: place for place, channel in enumerate(told)}
        self._known: dict[tuple[str, ...], tuple[tuple[str, int], ...]] = {}
        """Channels and ends in order, by the kinds of the ends."""

    def of(self, ends: Sequence[End], pick: Pick) -> list[Way]:
        """The ways to a recipient, best first; none where there is none.

        Of several senders on a channel one is picked for the recipient, always the same.
        """
        kinds = tuple([channel for channel, _ in ends])
        if (order := self._known.get(kinds)) is None:
            order = self._known[kinds] = tuple(self._ordered(kinds))
        ways = []
        for channel, end in order:
            places = self._by_channel[channel]
            chosen = pick(ends[end][1], len(places)) if len(places) > 1 else 0
            ways.append((places[chosen], end))
        return ways

    def _ordered(self, kinds: tuple[str, ...]) -> Iterator[tuple[str, int]]:
        """Channel and end: by the channels that come first, else by the ends as they are given."""
        rank = self._order
        usual = {channel: place for place, channel in enumerate(FALLBACK_ORDER)}
        pairs = [
            (rank.get(channel, len(rank)) if rank else 0, end, usual[channel], channel)
            for channel in self._by_channel
            for end, kind in enumerate(kinds)
            if PAIRINGS[channel] == kind
        ]
        for _, end, _, channel in sorted(pairs):
            yield channel, end
