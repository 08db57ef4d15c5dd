"""What the hosted service would refuse and this one lets pass, for the journal's warnings."""

from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.domain.addresses import country, doubt, is_ordinary
from mockserver.domain.creation.senders import no_route

NONE: Final = ()


def doubts(sender: str, to: str, *, mms: bool) -> Sequence[str]:
    """A sentence each; senders and numbers that are not strict let all of this pass.

    Every message is asked about; between ordinary numbers, or with a sender yet to be chosen (""),
    the answer costs next to nothing.
    """
    if is_ordinary(to) and (not sender or is_ordinary(sender)):
        return NONE
    return tuple(_found(sender, to, mms=mms))


def _found(sender: str, to: str, *, mms: bool) -> Iterator[str]:
    for name, number, code in (("To", to, 21211), ("From", sender, 21212)):
        if why := doubt(number):
            yield f"the hosted service would refuse {name} {number} ({code}): {why}"
    if not to.startswith("+"):
        return
    if sender.startswith("+") and no_route(sender, to, media=mms):
        reach = f"{'MMS' if mms else 'SMS'} does not get from {sender} to {country(to) or to}"
        yield f"the hosted service would refuse it (21612): {reach}"
    if sender.isdigit() and country(to) != "US":
        yield f"the hosted service would refuse it (21659): {to} is not in the US, as {sender} is"
