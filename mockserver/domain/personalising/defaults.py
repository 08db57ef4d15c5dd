"""Liquid variables that have no `default` and that a recipient lacks.

The documents tell to give every variable a default, and two applications saw the live API refuse
text where one had none; other pages of the documents show such text. So there is a choice.

Source: personalization guide; scheduling guide; users of the live API.
"""

from typing import Literal

from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.template import INVALID, Template, Variables

LiquidDefault = Literal["if_missing", "require", "off"]
"""Refuse a variable without a default: where a recipient lacks it, always, or never."""


def lacking(template: Template, variables: Variables) -> tuple[str, ...]:
    """The variables without a default that this recipient lacks; an empty one is not lacking."""
    return tuple(name for name in template.bare if name not in variables)


def default_fault(template: Template, name: str, why: str = "") -> Fault:
    """That a variable has no default; `why` goes on after that, and says why it must have one."""
    said = f"Invalid parameter: Liquid: variable '{name}' has no default filter{why}."
    return Fault(INVALID, said, template.context)
