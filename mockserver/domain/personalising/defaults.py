"""Liquid variables that have no `default` and that a recipient lacks.

The documents tell to give every variable a default, and two applications saw the live API refuse
text where one had none; other pages of the documents show such text. So there is a choice.

Source: personalization guide; scheduling guide; users of the live API.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.template import INVALID, Template, Variables

LiquidDefault = Literal["if_missing", "require", "off"]
"""Refuse a variable without a default: where a recipient lacks it, always, or never."""


def default_faults(
    templates: Iterable[Template], rule: LiquidDefault, recipients: Iterable[Variables]
) -> list[Fault]:
    """One fault for each template that `rule` refuses.

    `recipients` are the variables of each, in order, references to traits resolved; they are gone
    through once, and not at all where every variable has a default.
    """
    bare = [template for template in templates if template.bare]
    if rule == "off" or not bare:
        return []
    if rule == "require":
        return [_fault(template, template.bare[0], "") for template in bare]
    return list(_missing(bare, recipients))


def lacking(template: Template, variables: Variables) -> tuple[str, ...]:
    """The variables without a default that this recipient lacks; an empty one is not lacking."""
    return tuple(name for name in template.bare if name not in variables)


def _missing(templates: list[Template], recipients: Iterable[Variables]) -> Iterator[Fault]:
    """A fault for each template, with the first recipient that lacks something and their number."""
    first: list[tuple[str, int] | None] = [None] * len(templates)
    count = [0] * len(templates)
    for place, variables in enumerate(recipients):
        for index, template in enumerate(templates):
            absent = lacking(template, variables)
            if absent:
                first[index] = first[index] or (absent[0], place)
                count[index] += 1
    for template, found, number in zip(templates, first, count, strict=True):
        if found:
            name, place = found
            more = f", nor do {number - 1} more" if number > 1 else ""
            yield _fault(template, name, f", and $.to[{place}] does not have it{more}")


def _fault(template: Template, name: str, why: str) -> Fault:
    said = f"Invalid parameter: Liquid: variable '{name}' has no default filter{why}."
    return Fault(INVALID, said, template.context)
