"""How the API may misbehave: one class a kind, whose fields are its YAML, under a name.

A new kind is a file beside `error.py`, a row here, and its keys in `schemas/scenario.json`.
"""

from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain.faults.error import ErrorFault
from mockserver.domain.faults.status import StatusFault

Fault = ErrorFault | StatusFault

KINDS: Final[Mapping[str, type[Fault]]] = {"error": ErrorFault, "status": StatusFault}
"""By the key that names the kind; the first one that a document has decides."""


def read_fault(then: Mapping[str, Any]) -> Fault:
    """The fault that a rule's `then` describes; raise `ValueError` with a sentence if none."""
    name = next((name for name in KINDS if name in then), "")
    if not name:
        raise ValueError(f"says nothing to do: use one of {', '.join(KINDS)}")
    kind = KINDS[name]
    if strange := [key for key in then if key not in kind.__struct_fields__]:
        raise ValueError(f"`{strange[0]}` does not go with `{name}`")
    return kind(**then)
