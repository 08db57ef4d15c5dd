"""Fastens the seatbelt in a Python program under `twilio-mockserver run`.

Then the `sitecustomize` that would have been imported without us is, and our folder is off the path
again. Nothing that goes wrong here ends a program.
"""

import os
import sys

TYPE_CHECKING = False  # `typing` takes long to load
if TYPE_CHECKING:
    from typing import Any


def _fasten() -> None:
    url = os.environ.get("TWILIO_MOCKSERVER_URL")
    certificate = os.environ.get("TWILIO_MOCKSERVER_CA")
    if url and certificate:
        from twilio_mockserver_seatbelt import Seatbelt  # type: ignore[import-not-found]

        Seatbelt(url, certificate, _say, _for_children()).fasten()


def _for_children() -> "dict[str, Any]":
    """What is changed besides: children may be given an environment that lacks the seatbelt."""
    variable = "TWILIO_MOCKSERVER_HANDED"
    handed = os.environ.get(variable)
    if not handed:
        return {}
    from twilio_mockserver_children import Children  # type: ignore[import-not-found]

    changes: dict[str, Any] = Children(variable, handed).changes
    return changes


def _say(line: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(line)


def _make_way() -> None:
    """Import the next `sitecustomize`, if there is one; what it raises is its own."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [each for each in sys.path if os.path.abspath(each or ".") != here]
    ours = sys.modules.pop("sitecustomize")
    try:
        __import__("sitecustomize")
    except ImportError as missing:
        sys.modules["sitecustomize"] = ours
        if missing.name != "sitecustomize":
            raise


if __name__ == "sitecustomize":
    try:
        _fasten()
    except Exception as problem:  # noqa: BLE001 - whatever it is
        _say(f"twilio-mockserver: this program has no seatbelt: {problem!r}\n")
    _make_way()
