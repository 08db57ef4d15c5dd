"""The pytest plugin, in test runs of its own."""

import re
import sys
from collections.abc import Callable, Iterator

import pytest

from mockserver import MockTwilio
from mockserver.pytest_plugin import OPTIONS

pytest_plugins = ["pytester"]

Run = Callable[..., pytest.RunResult]

LEAN = [f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "faker")]
"""Plugins that these runs can do without: loading them takes longer than the tests do."""

HEAD = """
import pytest
from twilio.rest import Client
FROM, TO = "+15017122661", "+15558675310"
def send(twilio, body="Hi", **more):
    return twilio.client().messages.create(to=TO, from_=FROM, body=body, **more)
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """`run(source, *options)`: a test run of its own over one file."""

    def run(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(HEAD + source)
        return pytester.runpytest_subprocess(*LEAN, *options)

    return run


@pytest.fixture
def server() -> Iterator[MockTwilio]:
    """Some running server."""
    with MockTwilio() as twilio:
        yield twilio


def test_a_sandbox_per_test(run: Run) -> None:
    """On one server; what one test sent, the next does not see."""
    ran = run(
        """
seen = set()

@pytest.mark.parametrize("turn", range(3))
def test(twilio_mock, turn):
    assert twilio_mock.messages() == []
    send(twilio_mock)
    twilio_mock.assert_sent(to=TO, times=1)
    assert twilio_mock.clock.mode == "instant"
    seen.add((twilio_mock.base_url, twilio_mock.sandbox_id))

def test_one_server():
    assert len(seen) == 3
    assert len({url for url, _ in seen}) == 1
"""
    )
    ran.assert_outcomes(passed=4)


def test_a_dropped_sandbox_after_each_test(run: Run) -> None:
    """Its account is free for the next test."""
    ran = run(
        f"""
@pytest.mark.twilio(account_sid="AC{"7" * 32}", auth_token="{"b" * 32}")
@pytest.mark.parametrize("turn", range(2))
def test(twilio_mock, turn):
    assert twilio_mock.account_sid == "AC{"7" * 32}"
    assert twilio_mock.auth_token == "{"b" * 32}"
"""
    )
    ran.assert_outcomes(passed=2)


def test_the_marker_sets_a_test_up(run: Run) -> None:
    """All of its settings; the nearest marker wins, setting by setting."""
    ran = run(
        """
pytestmark = pytest.mark.twilio(seed=1, clock="manual")

@pytest.mark.twilio(seed=2, scenario="carrier-outage", start="2030-01-01T00:00:00Z")
def test_near(twilio_mock):
    assert (twilio_mock.seed, twilio_mock.clock.mode) == (2, "manual")
    assert twilio_mock.clock.now.year == 2030
    send(twilio_mock)
    twilio_mock.clock.advance(seconds=5)
    assert twilio_mock.last_message().error_code == 30003

class TestFar:
    def test_far(self, twilio_mock):
        assert twilio_mock.seed == 1
""",
        "--strict-markers",
    )
    ran.assert_outcomes(passed=2)


def test_a_scenario_of_a_file(run: Run, pytester: pytest.Pytester) -> None:
    """By the marker, its path as seen from where the run began; also under a sweep."""
    day = "parameters: {code: 30003}\ndelivery:\n- error_code: ${code}\n"
    pytester.makefile(".yaml", day=day)
    source = """
@pytest.mark.twilio(scenario="day.yaml", parameters={"code": 30005})
def test_marker(twilio_mock):
    send(twilio_mock)
    assert twilio_mock.wait_for_message(status="undelivered").error_code == 30005
"""
    run(source).assert_outcomes(passed=1)
    run(source, "--twilio-weather=happy-path", "--twilio-seeds=2").assert_outcomes(passed=2)


def test_a_scenarios_parameters(run: Run, pytester: pytest.Pytester) -> None:
    """By the marker, or as an ini value, which is for the run's own scenario alone."""
    pytester.makeini("""
[pytest]
twilio_mock_scenario = region-outage
twilio_mock_parameters = region=us1
""")
    ran = run(
        """
LOST = {"parameters": {"code": 30003}, "delivery": [{"error_code": "${code}"}]}

def host(twilio):
    return twilio._control.call("GET", "/faults")["faults"][0]["when"]["host"]

def test_ini(twilio_mock):
    assert host(twilio_mock) == "*.us1.twilio.com"

@pytest.mark.twilio(parameters={"region": "au1"})
def test_other(twilio_mock):
    assert host(twilio_mock) == "*.au1.twilio.com"

@pytest.mark.twilio(scenario=LOST, parameters={"code": 30005})
def test_marker(twilio_mock):
    send(twilio_mock)
    assert twilio_mock.wait_for_message(status="undelivered").error_code == 30005

@pytest.mark.twilio(scenario="carrier-outage")
def test_none(twilio_mock):
    assert not twilio_mock.messages()
"""
    )
    ran.assert_outcomes(passed=4)


@pytest.mark.parametrize("wrong", ["sead=1", "'carrier-outage'", "url='http://localhost:1'"])
def test_a_marker_that_makes_no_sense(run: Run, wrong: str) -> None:
    """It says what there is."""
    ran = run(f"@pytest.mark.twilio({wrong})\ndef test(twilio_mock): pass")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*@pytest.mark.twilio knows clock, scenario, *; not *"])


def test_ini_values_are_for_every_test(run: Run, pytester: pytest.Pytester) -> None:
    """Where no marker says otherwise."""
    pytester.makeini(
        """
[pytest]
twilio_mock_clock = manual
twilio_mock_scenario = carrier-outage
twilio_mock_seed = 7
twilio_mock_account_type = Trial
"""
    )
    ran = run(
        """
def test_ini(twilio_mock):
    assert (twilio_mock.clock.mode, twilio_mock.seed) == ("manual", 7)

@pytest.mark.twilio(clock="instant", account_type="Full")
def test_marker(twilio_mock):
    assert (twilio_mock.clock.mode, twilio_mock.seed) == ("instant", 7)
    send(twilio_mock)
    twilio_mock.wait_for_message(status="undelivered")
"""
    )
    ran.assert_outcomes(passed=2)


def test_a_seed_that_is_no_number(run: Run, pytester: pytest.Pytester) -> None:
    """The ini value is named."""
    pytester.makeini("[pytest]\ntwilio_mock_seed = seven\n")
    ran = run("def test(twilio_mock): pass")
    ran.stdout.fnmatch_lines(["*twilio_mock_seed: 'seven' is no whole number*"])


@pytest.mark.parametrize("how", ["option", "ini"])
def test_a_running_server_is_used(
    run: Run, pytester: pytest.Pytester, server: MockTwilio, how: str
) -> None:
    """A container, say; a sandbox per test there, dropped afterwards."""
    if how == "ini":
        pytester.makeini(f"[pytest]\ntwilio_mock_url = {server.base_url}\n")
    ran = run(
        f"""
def test(twilio_mock):
    assert twilio_mock.base_url == "{server.base_url}"
    assert twilio_mock.account_sid != "{server.account_sid}"
    send(twilio_mock)
    twilio_mock.assert_sent(times=1)
    print("sandbox", twilio_mock.sandbox_id)
""",
        *(("--twilio-mock-url", server.base_url) if how == "option" else ()),
        "-s",
    )
    ran.assert_outcomes(passed=1)
    [made] = re.findall(r"sandbox (\S+)", ran.stdout.str())
    listed = server._control.__class__(server._control.pool).call("GET", "/sandboxes")
    assert made not in [each["id"] for each in listed["sandboxes"]]


def test_no_server_where_one_should_be(run: Run) -> None:
    """The address and the remedy, not a traceback into `http.client` alone."""
    ran = run("def test(twilio_mock): pass", "--twilio-mock-url", "http://localhost:9")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*ServerGone: no server answers at http://localhost:9*"])


def test_the_environment_catches_the_application(run: Run) -> None:
    """Clients that it makes itself, synchronous and asynchronous; afterwards all is as before."""
    ran = run(
        """
import os
from twilio.http.async_http_client import AsyncTwilioHttpClient

def test_sync(twilio_mock_env):
    Client().messages.create(to=TO, from_=FROM, body="Hi")
    twilio_mock_env.assert_sent(to=TO, times=1)

async def test_async(twilio_mock_env, twilio_mock_async):
    async with AsyncTwilioHttpClient() as http:
        await Client(http_client=http).messages.create_async(to=TO, from_=FROM, body="Hi")
    await twilio_mock_async.assert_sent(to=TO, times=1)

def test_after():
    assert "TWILIO_AUTH_TOKEN" not in os.environ
""",
        *("-o", "asyncio_mode=auto"),
    )
    ran.assert_outcomes(passed=3)


LOOP = ("-o", "asyncio_default_fixture_loop_scope=function")
"""Without it pytest-asyncio warns."""

ASYNC = """
async def test(twilio_mock_async):
    client = twilio_mock_async.client()
    await client.messages.create_async(to=TO, from_=FROM, body="Hi")
    message = await twilio_mock_async.wait_for_message(status="delivered")
    assert message.to == TO
"""


@pytest.mark.parametrize(
    ("options", "mark"),
    [
        (("-p", "no:aiohttp", "-o", "asyncio_mode=strict", *LOOP), "@pytest.mark.asyncio"),
        (("-o", "asyncio_mode=auto", *LOOP), ""),
        (("-p", "no:asyncio", "-p", "no:aiohttp"), "@pytest.mark.anyio"),
    ],
)
def test_async_tests_of_any_plugin(
    run: Run, pytester: pytest.Pytester, options: tuple[str, ...], mark: str
) -> None:
    """The fixture itself is a plain one, so it needs none in particular."""
    if "anyio" in mark:
        pytest.importorskip("anyio")
        pytester.makeconftest(
            "import pytest\n@pytest.fixture\ndef anyio_backend(): return 'asyncio'"
        )
    ran = run(ASYNC.replace("async def", f"{mark}\nasync def", 1), "-W", "error", *options)
    ran.assert_outcomes(passed=1)


def test_a_session_long_server(run: Run) -> None:
    """For an application that is started once: a sandbox that ends with the session."""
    ran = run(
        """
@pytest.fixture(scope="session")
def app(twilio_mock_server):
    return twilio_mock_server.sandbox(seed=3)

def test_first(app):
    send(app)

def test_second(app, twilio_mock):
    assert len(app.messages()) == 1
    assert app.base_url == twilio_mock.base_url
    assert twilio_mock.messages() == []

def test_block(twilio_mock_server):
    with twilio_mock_server.sandbox(clock="manual") as twilio:
        assert twilio.clock.mode == "manual"
    assert not twilio.started
"""
    )
    ran.assert_outcomes(passed=3)


FAILING = """
from twilio.base.exceptions import TwilioRestException

def test(twilio_mock):
    send(twilio_mock, "Your code is 123456", status_callback="http://127.0.0.1:9/status")
    twilio_mock.clock.run_until_idle()
    client = twilio_mock.client()
    with pytest.raises(TwilioRestException):
        client.messages.create(to="nobody", from_=FROM, body="Hi")
    with pytest.raises(TwilioRestException):
        client.verify.v2.services("VA1").verifications.create(to=TO, channel="sms")
    print("seed is", twilio_mock.seed)
    assert False
"""


def test_a_failing_test_reports_what_its_twilio_saw(run: Run) -> None:
    """Messages, API calls, webhooks, what is not served, and the line that repeats it."""
    ran = run(FAILING)
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(
        [
            "*Twilio mock*",
            "account AC* in sandbox *, clock instant at *",
            "messages (1):",
            "  SM* +15017122661 → +15558675310 delivered *Your code is 123456*",
            "API calls (3):",
            "  POST api.twilio.com/2010-04-01/Accounts/AC*/Messages.json 201",
            "  POST api.twilio.com/* 400 error 21211*",
            "  POST verify.twilio.com/v2/* 404 error 20404*",
            "webhooks (*):",
            "  sent of SM* → POST http://127.0.0.1:9/status *",
            "not served (1):",
            "  your program called POST verify.twilio.com/v2/*, which this mock does not serve",
        ]
    )
    [seed] = re.findall(r"seed is (\d+)", ran.stdout.str())
    ran.stdout.fnmatch_lines([f"seed {seed}; to repeat: @pytest.mark.twilio(seed={seed})"])


def test_a_failing_test_reports_what_its_application_raised(run: Run) -> None:
    """The one that answers webhooks in a thread, where nobody saw it."""
    ran = run(
        """
def app(environ, start_response):
    raise KeyError("a bug")

def test(twilio_mock):
    twilio_mock.given(numbers=[{"phone_number": FROM, "sms_url": "https://app.example.com/sms"}])
    with twilio_mock.webhooks_to(app, "https://app.example.com"):
        assert twilio_mock.receive(from_=TO, to=FROM, body="Hi").replies
"""
    )
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(
        [
            "*Twilio mock*",
            "the application at https://app.example.com raised:",
            "    raise KeyError(*",
            "KeyError: 'a bug'",
        ]
    )


def test_the_line_repeats_the_test(run: Run) -> None:
    """Copied in front of the test, it gives the same messages."""
    sid = re.compile(r"SM[0-9a-f]{32}")
    first = run(FAILING).stdout.str()
    [line] = re.findall(r"to repeat: (.*)", first)
    again = run(FAILING.replace("def test(", f"{line}\ndef test(")).stdout.str()
    assert set(sid.findall(first)) == set(sid.findall(again))


def test_a_passing_test_reports_nothing(run: Run) -> None:
    """Nor does a failing one that did not use it."""
    ran = run("def test_one(twilio_mock): pass\ndef test_two(): assert False")
    ran.assert_outcomes(passed=1, failed=1)
    ran.stdout.no_fnmatch_line("*Twilio mock*")


def test_a_failing_fixture_reports_too(run: Run) -> None:
    """What another fixture did with the mock before it failed."""
    ran = run(
        """
@pytest.fixture
def app(twilio_mock):
    send(twilio_mock)
    raise RuntimeError("no app today")

def test(app): pass
"""
    )
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*Twilio mock*", "messages (1):"])


def test_a_report_without_a_server(run: Run) -> None:
    """It died: the report says so, and the failure itself is still there."""
    ran = run(
        """
def test(twilio_mock):
    from mockserver.handles.child import CHILDREN
    CHILDREN.mine().end()
    assert 1 == 2
"""
    )
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*assert 1 == 2*", "nothing to tell: no server answers at *"])


def test_under_xdist(run: Run) -> None:
    """Each worker has its own server, and reports come through."""
    ran = run(
        """
@pytest.mark.parametrize("turn", range(8))
def test(twilio_mock, turn):
    send(twilio_mock)
    twilio_mock.assert_sent(times=1)
    assert turn != 5
""",
        *("-n", "2"),
    )
    ran.assert_outcomes(passed=7, failed=1)
    ran.stdout.fnmatch_lines(["*Twilio mock*", "*@pytest.mark.twilio(seed=*", "messages (1):"])


def test_unused_it_loads_nothing(pytester: pytest.Pytester) -> None:
    """Neither the handles nor the server: every pytest run here would pay for it."""
    pytester.makepyfile(
        """
import sys

PLUGIN = {"mockserver", "mockserver.pytest_plugin"}

def test():
    assert PLUGIN <= set(sys.modules)
    ours = {name for name in sys.modules if name.startswith("mockserver")}
    assert ours <= {"mockserver.domain", "mockserver.domain.version", *PLUGIN}
"""
    )
    pytester.runpytest_subprocess(*LEAN).assert_outcomes(passed=1)


def test_warnings_as_errors(run: Run) -> None:
    """Sockets, files and processes are closed, and nothing deprecated is used."""
    ran = run(
        """
def test(twilio_mock_env):
    Client().messages.create(to=TO, from_=FROM, body="Hi")
    send(twilio_mock_env)
    import gc
    gc.collect()
""",
        *("-W", "error", *LOOP),
    )
    ran.assert_outcomes(passed=1)


def test_the_help_names_everything(pytester: pytest.Pytester) -> None:
    """Options, ini values and the marker."""
    said = pytester.run(sys.executable, "-m", "pytest", "--help").stdout.str()
    assert "--twilio-mock-url=URL" in said
    for name in OPTIONS:
        assert f"twilio_mock_{name} " in said
    markers = pytester.run(sys.executable, "-m", "pytest", "--markers").stdout.str()
    assert "@pytest.mark.twilio(scenario=" in markers
    fixtures = pytester.run(sys.executable, "-m", "pytest", "--fixtures").stdout.str()
    for fixture in ("twilio_mock", "twilio_mock_async", "twilio_mock_env", "twilio_mock_server"):
        assert f"{fixture} " in fixtures
