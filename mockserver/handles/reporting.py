"""What the pytest plugin needs once a fixture is used. PYTEST_DONT_REWRITE"""

import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self, Unpack

import pytest

from mockserver.handles import telling
from mockserver.handles.errors import MockTwilioError
from mockserver.handles.synchronous import MockTwilio, Options


class TwilioMockServer:
    """A run's server: sandboxes on it have the run's settings, unless they say otherwise."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._started: list[MockTwilio] = []

    def sandbox(self, **options: Unpack[Options]) -> MockTwilio:
        """A started handle. `with` ends it with the block, else it ends with the session."""
        made = MockTwilio(**{**self._settings, **options}).start()
        self._started = [*(each for each in self._started if each.started), made]
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._started:
            each.stop()


def ini_options(config: pytest.Config, names: Iterable[str]) -> dict[str, Any]:
    """The run's settings, out of command line and ini file."""
    values = {name: config.getini(f"twilio_mock_{name}") for name in names}
    values["url"] = config.getoption("--twilio-mock-url") or values["url"]
    given = {name: value for name, value in values.items() if value}
    if "seed" in given:
        given["seed"] = _seed(given["seed"])
    return given


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise pytest.UsageError(f"twilio_mock_seed: {text!r} is no whole number") from None


def marked(node: pytest.Item, names: Iterable[str]) -> dict[str, Any]:
    """What the markers of a test say; the nearest wins. Raise `UsageError` for what they cannot."""
    known = [name for name in names if name != "url"]
    options: dict[str, Any] = {}
    for marker in node.iter_markers("twilio"):
        unknown = [*map(repr, marker.args), *(set(marker.kwargs) - set(known))]
        if unknown:
            text = f"@pytest.mark.twilio knows {', '.join(known)}; not {', '.join(unknown)}"
            raise pytest.UsageError(f"{node.nodeid}: {text}")
        options = {**marker.kwargs, **options}
    return options


def section(twilio: MockTwilio) -> str:
    """What happened in a failing test's sandbox, and how to have it happen again."""
    try:
        clock = twilio.clock
        heading = (
            f"account {twilio.account_sid} in sandbox {twilio.sandbox_id}, "
            f"clock {clock.mode} at {clock.now.isoformat()}"
        )
        again = f"seed {twilio.seed}; to repeat: @pytest.mark.twilio(seed={twilio.seed})"
        parts = [telling.report(twilio._control, heading), *_raised(twilio), again]
        return "\n".join(parts)
    except MockTwilioError as problem:
        return f"nothing to tell: {problem}"


def _raised(twilio: MockTwilio) -> Iterator[str]:
    """What applications raised that answered webhooks."""
    for app in twilio._place.apps:
        for problem in app.errors:
            yield f"the application at {app.url} raised:"
            yield "".join(traceback.format_exception(problem)).rstrip()
