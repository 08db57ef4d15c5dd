"""All probes, in the order of the report."""

from typing import Final

from mockserver.edge.probe import (
    contents,
    documents,
    first,
    forgeries,
    manners,
    statuses,
    texts,
)
from mockserver.edge.probe.record import Probe

PROBES: Final[tuple[Probe, ...]] = (
    *first.PROBES,
    *forgeries.PROBES,
    *manners.PROBES,
    *contents.PROBES,
    *statuses.PROBES,
    *documents.PROBES,
    *texts.PROBES,
)
