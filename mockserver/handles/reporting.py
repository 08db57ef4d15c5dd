"""What the pytest plugin needs once a fixture is used. PYTEST_DONT_REWRITE"""

import traceback
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self, Unpack

import pytest

from mockserver.handles import telling
from mockserver.handles.errors import MockTwilioError
from mockserver.handles.scenario_files import is_file, unfiled
from mockserver.handles.synchronous import MockTwilio, Options

if TYPE_CHECKING:
    from mockserver.handles.sweeping import Turn


class TwilioMockServer:
    """A run's server: sandboxes on it have the run's settings, unless they say otherwise."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._started: list[MockTwilio] = []

    def sandbox(self, **options: Unpack[Options]) -> MockTwilio:
        """A started handle. `with` ends it with the block, else it ends with the session."""
        settings = dict(self._settings)
        if "scenario" in options:
            settings.pop("parameters", None)  # they are the other scenario's
        made = MockTwilio(**{**settings, **options}).start()
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
    if "parameters" in given:
        given["parameters"] = _parameters(given["parameters"])
    return given


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise pytest.UsageError(f"twilio_mock_seed: {text!r} is no whole number") from None


def _parameters(text: str) -> dict[str, str]:
    from mockserver.world.scenarios.parameters import spelt

    _, chosen = spelt(f":{text}")
    if not chosen:
        raise pytest.UsageError(f"twilio_mock_parameters: {text!r} is not like share=0.5,code=500")
    return chosen


def marked(node: pytest.Item, names: Iterable[str], turn: "Turn | None" = None) -> dict[str, Any]:
    """What the markers of a test say, the nearest wins, and a sweep's turn.

    Raise `UsageError` for what they cannot say.
    """
    known = [*(name for name in names if name != "url"), "weather"]
    options: dict[str, Any] = {}
    for marker in node.iter_markers("twilio"):
        unknown = [*map(repr, marker.args), *(set(marker.kwargs) - set(known))]
        if unknown:
            text = f"@pytest.mark.twilio knows {', '.join(known)}; not {', '.join(unknown)}"
            raise pytest.UsageError(f"{node.nodeid}: {text}")
        options = {**marker.kwargs, **options}
    options.pop("weather", None)
    if turn is not None:
        from mockserver.handles.sweeping import over

        own = options.get("scenario") or node.config.getini("twilio_mock_scenario")
        if is_file(own):
            own, _ = unfiled(own, options.pop("parameters", {}))
        if isinstance(own, str) and own and "parameters" in options:
            own = {"extends": {"name": own, "with": options.pop("parameters")}}
        options |= {"scenario": over(turn.scenario, own or None), "seed": turn.seed}
    return options


def section(twilio: MockTwilio, item: pytest.Item) -> str:
    """What happened in a failing test's sandbox, and how to have it happen again."""
    try:
        clock = twilio.clock
        heading = (
            f"account {twilio.account_sid} in sandbox {twilio.sandbox_id}, "
            f"clock {clock.mode} at {clock.now.isoformat()}"
        )
        again = f"seed {twilio.seed}; to repeat: {_again(twilio, item)}"
        parts = [again, telling.report(twilio._control, heading), *_raised(twilio)]
        return "\n".join(parts)
    except MockTwilioError as problem:
        return f"nothing to tell: {problem}"


def _again(twilio: MockTwilio, item: pytest.Item) -> str:
    """What to type, or to write, to have the same happen."""
    sweep = item.config.pluginmanager.get_plugin("twilio-weather")
    if sweep is None or twilio.seed not in sweep.seeds:
        return f"@pytest.mark.twilio(seed={twilio.seed})"
    return str(sweep.again(item.nodeid, twilio.seed))


def _raised(twilio: MockTwilio) -> Iterator[str]:
    """What applications raised that answered webhooks."""
    for app in twilio._place.apps:
        for problem in app.errors:
            yield f"the application at {app.url} raised:"
            yield "".join(traceback.format_exception(problem)).rstrip()
