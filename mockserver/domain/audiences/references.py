"""References to traits in variables, taken apart once for a whole cohort."""

from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain.personalising.template import Variables
from mockserver.domain.personalising.traits import MARK, WHOLE, Traits, replaced, trait


class References:
    """The variables of a cohort; `of` gives what `traits.resolved` gives, sooner."""

    __slots__ = ("_fixed", "_grouped", "_named", "_others", "variables")

    def __init__(self, variables: Variables) -> None:
        self.variables = variables
        self._fixed = {name: value for name, value in variables.items() if MARK not in value}
        self._named: list[tuple[str, str]] = []
        """A trait and nothing else: the variable's name, the trait's."""
        self._grouped: list[tuple[str, str, str, str]] = []
        """The same of a trait in a group: the variable, the reference, group and trait."""
        self._others: list[tuple[str, str]] = []
        for name, value in variables.items():
            if name not in self._fixed:
                self._sort_in(name, value)

    def _sort_in(self, name: str, value: str) -> None:
        found = WHOLE(value)
        said = found[1] if found else "..."
        match said.split("."):
            case [one]:
                self._named.append((name, one))
            case [group, inside]:
                self._grouped.append((name, said, group, inside))
            case _:
                self._others.append((name, value))

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return len(self._fixed) < len(self.variables)

    def of(self, traits: Traits) -> Variables:
        """The variables of somebody with these traits."""
        if not self.any:
            return self.variables
        found = {**self._fixed}
        for name, said in self._named:
            value = traits.get(said)
            _put(found, name, value if type(value) is str else trait(said, traits))
        for name, said, group, inside in self._grouped:
            value = _in_group(traits, group, inside)
            _put(found, name, value if type(value) is str else trait(said, traits))
        for name, text in self._others:
            _put(found, name, replaced(text, traits))
        return found


def _put(found: dict[str, str], name: str, value: str | None) -> None:
    """A variable that leads nowhere is absent."""
    if value is not None:
        found[name] = value


def _in_group(traits: Traits, group: str, name: str) -> Any:
    found = traits.get(group)
    return found.get(name) if isinstance(found, Mapping) else None


NONE: Final = References({})
"""Of who has no variables."""
