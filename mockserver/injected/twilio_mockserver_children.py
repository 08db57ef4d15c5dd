"""Hands the seatbelt on to programs that a Python program gives an environment of their own.

Such an environment, `subprocess.run(..., env={...})`, has neither proxy nor seatbelt, and the child
would look up the real Twilio. It gets of what `run` set whatever it lacks. Where `subprocess` is
given none, the program's own counts, which it may have emptied.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # `typing` takes long to load
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

JOINED = {"NODE_OPTIONS": " ", "PYTHONPATH": os.pathsep}
"""Variables that a child may have of its own, and ours before that; with what stands between."""

NAMED = 1 << 30
"""The place of an argument that is always named."""


class Children:
    """What children are given, and the modules that are changed so that they get it."""

    def __init__(self, variable: str, handed: str) -> None:
        """`handed` is what `run` says in `variable`: a JSON object."""
        self._variable, self._handed = variable, handed
        self._ours: dict[str, str] = {}
        self.changes = {
            "os": self._change_os,
            "subprocess": self._change_subprocess,
            "uvloop": self._change_uvloop,
        }
        """By the module that is changed, as a seatbelt's own."""

    def given(self, env: Any) -> Any:
        """An environment with all that it lacks; itself where that is nothing, or it is none."""
        try:
            own = {os.fsdecode(name): value for name, value in env.items()}
        except (AttributeError, TypeError):  # whoever is handed it complains better
            return env
        there = {name.upper() for name in own}
        more = {name: ours for name, ours in self._all().items() if name.upper() not in there}
        for name, between in JOINED.items():
            more.update(self._joined(name, between, own.get(name)))
        if not more:
            return env
        return {**{each: env[each] for each in env if os.fsdecode(each) not in more}, **more}

    def _joined(self, name: str, between: str, own: Any) -> dict[str, str]:
        """A variable with ours before the child's; nothing where that has it, or there is none."""
        ours = self._all().get(name, "")
        try:
            text = os.fsdecode(own or "")
        except TypeError:
            return {}
        if not ours or own is None or ours in text:
            return {}
        return {name: between.join(filter(None, [ours, text]))}

    def _all(self) -> dict[str, str]:
        if not self._ours:
            import json  # only who starts children pays for it

            self._ours = {**json.loads(self._handed), self._variable: self._handed}
        return self._ours

    # -- what is changed --

    def _change_os(self, belt: Any, module: Any) -> None:
        """What an environment is handed to here; `execle`, `spawnve` and the like end in it."""
        for name in ("execve", "posix_spawn", "posix_spawnp"):
            belt.put(module, name, lambda original: _handing(original, 2, self.given))

    def _change_subprocess(self, belt: Any, module: Any) -> None:
        """`run` and its kin, and asyncio."""
        belt.put(module.Popen, "__init__", lambda original: _handing(original, 11, self._or_own))

    def _change_uvloop(self, belt: Any, module: Any) -> None:
        """It starts programs past Python's `subprocess`."""
        for name in ("subprocess_exec", "subprocess_shell"):
            belt.put(module.Loop, name, lambda original: _handing(original, NAMED, self._or_own))

    def _or_own(self, env: Any) -> Any:
        if env is not None:
            return self.given(env)
        given = self.given(os.environ)
        return None if given is os.environ else given


def _handing(original: Any, place: int, given: Callable[[Any], Any]) -> Any:
    """With the argument `env` exchanged; `place` is where it stands if it is not named."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) > place:
            args = (*args[:place], given(args[place]), *args[place + 1 :])
        else:
            kwargs["env"] = given(kwargs.get("env"))
        return original(*args, **kwargs)

    return call
