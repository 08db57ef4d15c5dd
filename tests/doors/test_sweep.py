"""`--twilio-weather`: tests under many seeds of a scenario, in test runs of their own."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from mockserver import MockTwilio
from mockserver.handles.sweeping import over, read_seeds, unlabelled

pytest_plugins = ["pytester"]

Run = Callable[..., pytest.RunResult]

HEAD = """
import pytest, unittest
FROM, TO = "+15017122661", "+15558675310"
def send(twilio, body="Hi"):
    return twilio.client().messages.create(to=TO, from_=FROM, body=body)
"""

LEAN = [
    f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "faker", "anyio", "aiohttp")
]
"""Plugins that these runs can do without: loading them takes longer than the tests do."""

DICE = """
name: dice
summary: Half of all messages fail.
delivery:
  - id: half
    when: {share: 0.5}
    outcome: failed
"""

HOLDS_FOR_SOME = """
def test(twilio_mock):
    send(twilio_mock)
    assert twilio_mock.last_message().status == "delivered"
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """`run(source, *options)`: a test run of its own over one file, with `dice.yaml` beside it."""
    Path(pytester.path, "dice.yaml").write_text(DICE)

    def run(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=HEAD + source)
        return pytester.runpytest_subprocess(*LEAN, *options)

    return run


@pytest.fixture
def server() -> Iterator[MockTwilio]:
    """Some running server."""
    with MockTwilio() as twilio:
        yield twilio


def test_each_test_runs_under_each_seed(run: Run) -> None:
    """Those that use the fixture, whatever their form; the others run once."""
    ran = run(
        """
seen = []

@pytest.mark.parametrize("body", ["a", "b"])
def test_sync(twilio_mock, body):
    seen.append(twilio_mock.seed)
    send(twilio_mock, body)
    twilio_mock.assert_sent(to=TO, status="undelivered")

class TestThese:
    async def test_async(self, twilio_mock_async):
        assert await twilio_mock_async.messages() == []

def test_env(twilio_mock_env):
    assert twilio_mock_env.seed in (1, 2, 3)

def test_without():
    assert seen == [1, 1, 2, 2, 3, 3] or sorted(seen) == [1, 1, 2, 2, 3, 3]
""",
        "--twilio-weather=carrier-outage",
        "--twilio-seeds=3",
        "-o",
        "asyncio_mode=auto",
    )
    ran.assert_outcomes(passed=6 + 3 + 3 + 1)
    ran.stdout.fnmatch_lines(["twilio weather: carrier-outage, seeds 1, 2, 3 (3 of them)"])


def test_a_failing_seed_is_told_and_can_be_repeated(run: Run) -> None:
    """The summary counts; the line in the report brings exactly that failure back."""
    ran = run(HOLDS_FOR_SOME, "--twilio-weather=dice.yaml", "--twilio-seeds=6")
    text = ran.stdout.str()
    told = re.search(r"test_it\.py::test: ([0-9]) of 6 seeds failed \(([0-9, ]+)\)", text)
    assert told is not None
    failing = [int(seed) for seed in told[2].split(", ")]
    assert int(told[1]) == len(failing)
    assert 0 < len(failing) < 6
    ran.assert_outcomes(failed=len(failing), passed=6 - len(failing))
    line = f"test_it.py::test[twilio-seed{failing[0]}]"
    assert f"to repeat: pytest '{line}' --twilio-weather=dice.yaml" in text
    options = ("--twilio-weather=dice.yaml", f"--twilio-seeds={failing[0]},")
    run(HOLDS_FOR_SOME, *options).assert_outcomes(failed=1)


def test_seeds_are_spread_over_workers(run: Run) -> None:
    """Under pytest-xdist the same seeds fail, and the summary is the same."""
    options = ("--twilio-weather=dice.yaml", "--twilio-seeds=4")
    alone = run(HOLDS_FOR_SOME, *options).stdout.str()
    spread = run(HOLDS_FOR_SOME, *options, "-n", "2").stdout.str()
    told = re.compile(r"test_it\.py::test: .* of 4 seeds failed \(.*\)")
    assert told.findall(alone) == told.findall(spread) != []


def test_the_scenario_of_a_test_stays_in_force(run: Run) -> None:
    """Its rules go first; the weather is about what is left."""
    ran = run(
        """
@pytest.mark.twilio(scenario={"delivery": [{"when": {"body": "mine"}, "outcome": "failed"}]})
def test_document(twilio_mock):
    send(twilio_mock, "mine")
    send(twilio_mock, "other")
    assert [m.status for m in twilio_mock.messages()] == ["failed", "undelivered"]

@pytest.mark.twilio(scenario="trial-account")
def test_name(twilio_mock):
    twilio_mock.client().messages.create(to="+14155552671", from_=FROM, body="Hi")
    with pytest.raises(Exception, match="not verified"):
        send(twilio_mock)
    assert twilio_mock.last_message().status == "undelivered"
""",
        "--twilio-weather=carrier-outage",
        "--twilio-seeds=1",
    )
    ran.assert_outcomes(passed=2)


def test_the_weather_of_a_file_goes_upon_a_name(run: Run) -> None:
    """The rules of the scenario that the test names go first, whatever their numbers are."""
    ran = run(
        """
@pytest.mark.twilio(scenario="trial-account")
def test_name(twilio_mock):
    with pytest.raises(Exception, match="not verified"):
        send(twilio_mock)

@pytest.mark.twilio(scenario="carrier-outage")
def test_rules(twilio_mock):
    assert [send(twilio_mock).fetch().status for _ in range(4)] == ["undelivered"] * 4
""",
        "--twilio-weather=dice.yaml",
        "--twilio-seeds=2",
    )
    ran.assert_outcomes(passed=4)


def test_a_weather_with_parameters(run: Run) -> None:
    """They stand behind its name, as for the server."""
    source = """
def test(twilio_mock):
    assert [send(twilio_mock).fetch().error_code for _ in range(2)] == [30005, 30005]
"""
    ran = run(source, "--twilio-weather=carrier-outage:code=30005", "--twilio-seeds=1")
    ran.assert_outcomes(passed=1)
    ran.stdout.fnmatch_lines(["twilio weather: carrier-outage:code=30005, seeds 1 (1 of them)"])


def test_a_test_may_stay_out_of_it(run: Run) -> None:
    """With `weather=False`; and one of `unittest`, which has no parameters, runs once."""
    ran = run(
        """
@pytest.mark.twilio(weather=False)
def test_out(twilio_mock):
    send(twilio_mock)
    twilio_mock.assert_sent(to=TO, status="delivered")

class TestOld(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def set_up(self, twilio_mock):
        self.twilio = twilio_mock

    def test_in(self):
        send(self.twilio)
        self.twilio.assert_sent(to=TO, status="undelivered")
        assert self.twilio.seed == 5
""",
        "--twilio-weather=carrier-outage",
        "--twilio-seeds=5,6",
    )
    ran.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--twilio-weather=carrier-outag"], "*did you mean 'carrier-outage'*"),
        (["--twilio-weather=gone.yaml"], "*gone.yaml*cannot be read*"),
        (["--twilio-weather=bad.yaml"], "*bad.yaml:1:*outcom*did you mean*"),
        (["--twilio-weather=happy-path", "--twilio-seeds=few"], "*how many (20), or which*"),
        (["--twilio-weather=happy-path", "--twilio-seeds=0"], "*how many (20), or which*"),
        (["--twilio-seeds=3"], "*needs --twilio-weather*"),
    ],
)
def test_what_cannot_be_stops_the_run(
    run: Run, pytester: pytest.Pytester, options: list[str], said: str
) -> None:
    """At once, with the words that mend it."""
    Path(pytester.path, "bad.yaml").write_text("delivery: [{outcom: failed}]\n")
    ran = run(HOLDS_FOR_SOME, *options)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines([said])


def test_a_running_server_is_swept(run: Run, server: MockTwilio) -> None:
    """A container's, say: each seed has a sandbox there."""
    ran = run(
        HOLDS_FOR_SOME,
        f"--twilio-mock-url={server.base_url}",
        "--twilio-weather=happy-path",
        "--twilio-seeds=2",
    )
    ran.assert_outcomes(passed=2)


def test_rules_that_never_matched_are_named(run: Run) -> None:
    """In a failing test's report, with how often the others came into play."""
    ran = run(
        """
RULES = [
    {"id": "mine", "when": {"body": "Hi"}, "outcome": "failed"},
    {"id": "typo", "when": {"to": "+4917*"}, "outcome": "failed"},
    {"id": "all", "outcome": "sent"},
    {"id": "late", "when": {"body": "Hi"}, "outcome": "read"},
]

@pytest.mark.twilio(scenario={"delivery": RULES})
def test(twilio_mock):
    send(twilio_mock)
    send(twilio_mock, "Ho")
    assert False
"""
    )
    ran.stdout.fnmatch_lines(
        [
            "rules that matched (2):",
            "  mine: matched 1, fired 1",
            "  all: matched 1, fired 1",
            "  rule 'typo' never matched: when {'to': '+4917[*]'}",
            "  rule 'late' never matched: when {'body': 'Hi'}; 'all' before it decided about *",
        ]
    )


@pytest.mark.parametrize(
    ("text", "seeds"), [("3", (1, 2, 3)), ("7,", (7,)), ("9,2,9", (9, 2)), (" 4 , 5", (4, 5))]
)
def test_how_many_or_which(text: str, seeds: tuple[int, ...]) -> None:
    """A number says how many, a list which."""
    assert read_seeds(text) == seeds


@pytest.mark.parametrize(
    ("swept", "plain"),
    [
        ("a.py::t[twilio-seed3]", "a.py::t"),
        ("a.py::t[twilio-seed3-x]", "a.py::t[x]"),
        ("a.py::t[x-twilio-seed12]", "a.py::t[x]"),
        ("a.py::t[x-twilio-seed12-y]", "a.py::t[x-y]"),
        ("a.py::t[x]", "a.py::t[x]"),
    ],
)
def test_a_test_without_its_seed(swept: str, plain: str) -> None:
    """Other parameters stay in the name."""
    assert unlabelled(swept) == plain


def test_two_documents_are_one() -> None:
    """Lists are joined, the test's own first; of one thing, the test's word counts."""
    weather = {"delivery": [2], "clock": "real", "given": {"numbers": [2], "account": {"a": 2}}}
    own = {"delivery": [1], "clock": "manual", "given": {"numbers": [1], "account": {"b": 1}}}
    assert over(weather, own) == {
        "delivery": [1, 2],
        "clock": "manual",
        "given": {"numbers": [1, 2], "account": {"a": 2, "b": 1}},
    }
    assert over("a", {"extends": "b"}) == {"extends": ["b", "a"]}
    assert over("a", "a") == over("a", None) == "a"
    near = {"name": "b", "with": {"share": 1}}
    assert over("a", {"extends": near}) == {"extends": [near, "a"]}
    flat = over({"delivery": [{"outcome": "read"}]}, "carrier-outage")
    assert isinstance(flat, Mapping)
    assert [rule["outcome"] for rule in flat["delivery"]] == ["undelivered", "read"]
    with pytest.raises(pytest.UsageError, match=r"cannot go upon a test's scenario: .*'mine'"):
        over(weather, "mine")
