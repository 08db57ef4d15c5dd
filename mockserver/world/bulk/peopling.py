"""From the recipients of a request to people: those named by addresses, profiles, cohorts."""

from mockserver.domain.bulk.records import SEVERAL, Send
from mockserver.domain.json_faults import UNKNOWN, Fault, fault
from mockserver.world.bulk.people import Direct, People


def people_of(send: Send) -> People | list[Fault]:
    """Everybody whom a request means, or a fault for each profile or cohort that is not known."""
    strangers = [
        fault(UNKNOWN, f"$.to[{block.start + place}]")
        for block in send.blocks
        for place, kind in enumerate(block.kinds)
        if kind > SEVERAL
    ]
    return strangers or People([Direct(block) for block in send.blocks])
