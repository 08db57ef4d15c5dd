"""The pytest plugin: fixtures, marker, options, and a section in a failing test's report.

Every pytest run of an environment that we are installed in imports this, mostly for nothing. So it
imports nothing but pytest; the rest comes with the first fixture. PYTEST_DONT_REWRITE
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.handles.asynchronous import AsyncMockTwilio
    from mockserver.handles.reporting import TwilioMockServer
    from mockserver.handles.sweeping import Turn
    from mockserver.handles.synchronous import MockTwilio

OPTIONS = {
    "url": "a running server, with a sandbox per test there; else one is started",
    "clock": "how time passes: instant (the default), manual, real or scaled:60",
    "scenario": "the scenario in force at the beginning of each test",
    "parameters": "values for its parameters; as an ini value share=0.5,code=500",
    "seed": "the seed of everything that chance decides",
    "start": "where the clock starts: ISO 8601, or now",
    "account_sid": "the account, for applications with a hard-coded one",
    "auth_token": "its Auth Token",
    "account_type": "Full (the default) or Trial",
    "account_mode": "live (the default) or test: Twilio's test credentials",
}
"""The marker's arguments; as `twilio_mock_…` also ini values. `url` is one for the whole run."""

MARKER = (
    "twilio(scenario=…, clock=…, seed=…, account_sid=…, auth_token=…): "
    "settings of this test's mock Twilio; weather=False keeps it out of --twilio-weather"
)

SWEEP = "twilio-weather"
"""What the plugin of a sweep is registered as."""

HANDLE = pytest.StashKey["MockTwilio"]()
"""Where a test keeps its handle, for the report."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--twilio-mock-url`, and the ini values."""
    group = parser.getgroup("twilio-mockserver")
    group.addoption("--twilio-mock-url", metavar="URL", help=OPTIONS["url"])
    group.addoption(
        "--twilio-weather",
        metavar="SCENARIO",
        help="run each test that uses twilio_mock under this scenario, with many seeds",
    )
    group.addoption(
        "--twilio-seeds",
        metavar="N",
        help="how many seeds of --twilio-weather (20), or which: 7,12",
    )
    for name, about in OPTIONS.items():
        parser.addini(f"twilio_mock_{name}", about, default=None)


def pytest_configure(config: pytest.Config) -> None:
    """The marker is known, also under `--strict-markers`; a sweep is a plugin of its own."""
    config.addinivalue_line("markers", MARKER)
    weather, seeds = config.getoption("--twilio-weather"), config.getoption("--twilio-seeds")
    if weather:
        from mockserver.handles.sweeping import MANY, Sweep, read_seeds

        url = config.getoption("--twilio-mock-url") or config.getini("twilio_mock_url") or ""
        swept = read_seeds(seeds or str(MANY))
        config.pluginmanager.register(Sweep(weather, swept, url), SWEEP)
    elif seeds:
        raise pytest.UsageError("--twilio-seeds needs --twilio-weather=SCENARIO")


@pytest.fixture(scope="session")
def twilio_mock_server(pytestconfig: pytest.Config) -> "Iterator[TwilioMockServer]":
    """The server of this run. `.sandbox(…)` is a `MockTwilio` on it, until the session ends."""
    from mockserver.handles.reporting import TwilioMockServer, ini_options

    with TwilioMockServer(ini_options(pytestconfig, OPTIONS)) as server:
        yield server


@pytest.fixture
def twilio_mock_turn(request: pytest.FixtureRequest) -> "Turn | None":
    """Weather and seed of `--twilio-weather`, which parametrises this; else nothing."""
    sweep = request.config.pluginmanager.get_plugin(SWEEP)
    if sweep is None:
        return None
    from mockserver.handles.sweeping import wanted

    return sweep.first() if wanted(request.node) else None


@pytest.fixture
def twilio_mock(
    request: pytest.FixtureRequest,
    twilio_mock_server: "TwilioMockServer",
    twilio_mock_turn: "Turn | None",
) -> "Iterator[MockTwilio]":
    """A `MockTwilio` in a fresh sandbox."""
    from mockserver.handles.reporting import marked

    options = marked(request.node, OPTIONS, twilio_mock_turn)
    with twilio_mock_server.sandbox(**options) as twilio:
        request.node.stash[HANDLE] = twilio
        yield twilio


@pytest.fixture
def twilio_mock_async(twilio_mock: "MockTwilio") -> "AsyncMockTwilio":
    """An `AsyncMockTwilio` in a fresh sandbox, the one of `twilio_mock`; for any async plugin."""
    from mockserver.handles.asynchronous import AsyncMockTwilio

    return AsyncMockTwilio.beside(twilio_mock)


@pytest.fixture
def twilio_mock_env(twilio_mock: "MockTwilio") -> "Iterator[MockTwilio]":
    """`twilio_mock`, and unmodified clients of this process led to it: the environment and more."""
    with twilio_mock.patched_environ():
        yield twilio_mock


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[None]"
) -> "Generator[None, pytest.TestReport, pytest.TestReport]":
    """A failing test's report tells what its mock Twilio saw."""
    report = yield
    twilio = item.stash.get(HANDLE, None)
    if twilio is not None and report.failed and call.when != "teardown":
        from mockserver.handles.reporting import section

        report.sections.append(("Twilio mock", section(twilio, item)))
    return report
