"""Scenarios are read from YAML and JSON, checked with lines and hints, and found by name."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.consent import OptOutSettings
from mockserver.domain.faults import (
    After,
    ErrorFault,
    Given,
    GivenAccount,
    GivenNumber,
    GivenService,
    Scenario,
    StatusFault,
)
from mockserver.domain.faults.kinds import KINDS
from mockserver.domain.numbers import OptOut
from mockserver.world.scenarios import (
    ScenarioError,
    ScenarioFault,
    from_document,
    parse,
    parse_given,
    parse_rule,
)
from mockserver.world.scenarios.faults import SHOWN
from mockserver.world.schema_files import load

SERVICE = "MG" + "a" * 32
ACCOUNT = "AC" + "0" * 30 + "10"

TUESDAY = f"""
name: bad-tuesday
summary: One sentence.
given:
  account: {{type: Trial}}
  accounts: [{{sid: {ACCOUNT}, auth_token: 00000000000000000000000000002010, mode: test}}]
  numbers: [+14155550123, {{phone_number: "+18005550199", sms_url: "http://a/x", mms: false}}]
  verified_callers: ["(415) 555-2671"]
  services: [{{sid: {SERVICE}, senders: [+14155550123, NO]}}]
  opt_outs: [{{from: +14155550123, to: +14155550001}}]
clock: scaled:60
senders: strict
numbers: any
trial_unverified_code: 21608
delivery:
  - when: {{to: +1415555*, country: [US, NO], share: 0.1, nth: 3}}
    error_code: 30003
    after: {{sent: 1s, final: 4}}
  - id: mine
    when: {{body: 0010}}
    outcome: failed
faults:
  - when: {{operation: api.v2010.CreateMessage}}
    then: {{error: 20429}}
    times: 2
  - then: {{status: 503, body: "busy"}}
"""


def refused(text: str) -> list[str]:
    """The lines of the error that a text raises, without its source."""
    with pytest.raises(ScenarioError) as caught:
        parse(text, "bad.yaml")
    lines = str(caught.value).splitlines()
    assert len(lines) == len(caught.value.faults)
    assert all(line.startswith("bad.yaml:") for line in lines)
    return [line.removeprefix("bad.yaml:") for line in lines]


def test_yaml_is_typed_by_the_schema() -> None:
    """`+1415…`, `NO`, `0010` and a token of digits stay what they are; numbers are numbers."""
    tuesday = parse(TUESDAY, "tuesday.yaml")
    assert tuesday.given == Given(
        accounts=(
            GivenAccount(type="Trial"),
            GivenAccount(ACCOUNT, "00000000000000000000000000002010", mode="test"),
        ),
        numbers=(
            GivenNumber("+14155550123"),
            GivenNumber("+18005550199", mms=False, sms_url="http://a/x"),
        ),
        verified_callers=("+14155552671",),
        services=(GivenService(SERVICE, senders=("+14155550123", "NO")),),
        opt_outs=(OptOut("+14155550123", "+14155550001"),),
    )
    assert (tuesday.name, tuesday.summary) == ("bad-tuesday", "One sentence.")
    assert (tuesday.clock, tuesday.senders, tuesday.numbers) == ("scaled:60", "strict", "any")
    assert tuesday.trial_unverified_code == 21608


def test_rules_are_read() -> None:
    """With ids, outcomes and times filled in where nothing is said."""
    first, second = parse(TUESDAY, "tuesday.yaml").delivery
    assert (first.id, first.outcome, first.error_code) == ("delivery-1", "undelivered", 30003)
    assert first.after == After(sent=1_000_000, final=4_000_000)
    assert first.when.countries == ("US", "NO")
    assert (first.when.share, first.when.nth) == (0.1, 3)
    assert first.when.matcher.filters == {"to": "+1415555*"}
    assert (second.id, second.outcome, second.error_code) == ("mine", "failed", 30001)
    assert second.when.matches({"body": "code 0010"})
    refusal, plain = parse(TUESDAY, "tuesday.yaml").faults
    assert (refusal.id, refusal.then, refusal.times) == ("faults-1", ErrorFault(20429), 2)
    assert (plain.id, plain.then) == ("faults-2", StatusFault(503, "busy"))


def test_the_same_document_is_read_as_json() -> None:
    """What a scenario shows of itself makes an equal one, also by way of text."""
    tuesday = parse(TUESDAY, "tuesday.yaml")
    document = json.loads(json.dumps(tuesday.document()))
    assert from_document(document) == tuesday
    assert parse(json.dumps(document, indent=1), "tuesday.json") == tuesday


OPT_OUT = f"""
name: leaving
given:
  services:
    - sid: {SERVICE}
      opt_out:
        management: advanced
        stop_keywords: [leave, NO, 0010]
        help_reply: ""
  opt_outs: [{{from: {SERVICE}, to: +14155550001}}]
"""


def test_opt_out_of_a_service() -> None:
    """Words stay what they are, in capitals, behind the reserved one; a service may be stopped."""
    given = parse(OPT_OUT, "leaving.yaml").given
    words = ("STOP", "LEAVE", "NO", "0010")
    [service] = given.services
    assert service.opt_out == OptOutSettings("advanced", stop_keywords=words, help_reply="")
    assert given.opt_outs == (OptOut(SERVICE, "+14155550001"),)
    assert given.document()["services"] == [
        {
            "sid": SERVICE,
            "opt_out": {"management": "advanced", "stop_keywords": [*words], "help_reply": ""},
        }
    ]
    assert from_document({"given": given.document()}).given == given


def test_opt_out_that_contradicts_itself() -> None:
    """Is refused with its line."""
    assert refused(OPT_OUT.replace("leave", "start")) == [
        "8:24: given.services[0].opt_out.stop_keywords: START is in start_keywords already"
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "null", "given:\ndelivery: ~\n", "{}"])
def test_any_key_may_be_absent_or_empty(text: str) -> None:
    """A scenario that says nothing is one; it is called after its file."""
    assert parse(text, "folder/quiet.yaml") == Scenario("quiet")
    assert from_document({}) == Scenario("unnamed")


def test_all_that_is_wrong_is_said_with_its_line() -> None:
    """One line for each fault, in the order of the text, with the nearest key or value."""
    text = """\
name: bad
given:
  account: {type: trial}
  accounts:
    - {sid: AC12, auth_token: 1}
  numbers: [{phone_number: +14155550123, sms: yes}]
clock: scaled:x
weather: {}
delivery:
  - when: {to: +1415555*, bodi: x}
    outcom: failed
  - error_code: abc
    times: 0
faults:
  - when: {share: 2}
"""
    assert refused(text) == [
        "3:19: given.account.type: must be one of Full, Trial, not 'trial'; did you mean 'Trial'?",
        "5:13: given.accounts[0].sid: must be an AccountSid: AC and 32 hexadecimal digits, "
        "not 'AC12'",
        "5:31: given.accounts[0].auth_token: must be an Auth Token: 32 letters and digits, not '1'",
        "6:47: given.numbers[0].sms: must be true or false, not 'yes'",
        "7:8: clock: must be a clock: real, instant, manual or scaled:60, not 'scaled:x'",
        "8:10: weather: must be a list, not a mapping",
        "10:27: delivery[0].when.bodi: unknown key; did you mean 'body'?",
        "11:5: delivery[0].outcom: unknown key; did you mean 'outcome'?",
        "12:17: delivery[1].error_code: must be a whole number, not 'abc'",
        "13:12: delivery[1].times: must be at least 1, not 0",
        "15:5: faults[0]: needs the key 'then'",
        "15:19: faults[0].when.share: must be at most 1, not 2.0",
    ]


def test_what_no_schema_can_state_is_said_with_its_line_too() -> None:
    """Codes, expressions, clocks, addresses and repeated names."""
    text = f"""\
clock: scaled:0
given:
  numbers: ["hello, world", "12345", "12345"]
  services: [{{sid: {SERVICE}, senders: ["x:y"]}}]
  opt_outs: [{{from: a, to: b}}]
delivery:
  - {{id: a, when: {{body_regex: "("}}}}
  - error_code: 99999
  - after: {{sent: 3s, final: 1s}}
  - after: {{sent: soon}}
  - when: {{channel: smss}}
faults:
  - {{id: a, then: {{error: 12345}}}}
  - then: {{error: 20429, body: x}}
  - then: {{}}
"""
    assert refused(text) == [
        "1:8: clock: 'scaled:0' is not a clock: use real, instant, manual or scaled:60",
        "3:13: given.numbers[0]: 'hello, world' is not a sender",
        "3:38: given.numbers[2]: 12345 is here twice",
        "4:66: given.services[0].senders[0]: 'x:y' is not a sender",
        "5:28: given.opt_outs[0].to: 'b' is not a phone number",
        "7:32: delivery[0].when.body_regex: '(' is not a regular expression: "
        "missing ) at position 1",
        "8:17: delivery[1].error_code: no final status is known to go with 99999: add an `outcome`",
        "9:12: delivery[2].after: `final` comes before `sent`",
        "10:19: delivery[3].after.sent: 'soon' is not a duration: "
        "use 500ms, 1.5s, 2m, 4h, 1d or seconds",
        "11:21: delivery[4].when.channel: 'smss' is none of sms, mms, whatsapp, rcs, messenger, "
        "apn, fcm, gcm, alexa; did you mean 'sms'?",
        "13:10: faults[0].id: the rule at delivery[0] has this id already",
        "13:19: faults[0].then: Twilio's error dictionary has no code 12345; "
        "with a `message` it is answered all the same",
        "14:11: faults[1].then: `body` does not go with `error`",
        f"15:11: faults[2].then: says nothing to do: use one of {', '.join(KINDS)}",
    ]


def test_a_numbers_sid_is_of_its_kind() -> None:
    """SC for short codes, PN for all others; what fits is taken over."""
    sid = "PN" + "a" * 32
    text = f"given:\n  numbers: [{{phone_number: '12345', sid: {sid}}}]\n"
    [line] = refused(text)
    assert line.endswith(f"numbers[0].sid: {sid} is not for 12345: short codes have SC, others PN")
    fits = f"given: {{numbers: [{{phone_number: '+14155550123', sid: {sid}, friendly_name: A}}]}}"
    [number] = parse(fits, "good.yaml").given.numbers
    assert (number.sid, number.friendly_name) == (sid, "A")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "clock: real\nname: x\nclock: real\n",
            ["3:1: clock: is here twice; the first is in line 1"],
        ),
        (
            "name: &a x\nsummary: *a\nclock: !!str real\n",
            [
                "1:7: name: anchors (&a) are not read",
                "2:10: summary: aliases (*a) are not read; write it out, or put it in quotes",
                "3:8: clock: tags (!) are not read; the key says what type its value has",
            ],
        ),
        ("? [a]\n: b\n", ["1:3: a key must be text"]),
        ("---\n{}\n---\n{}\n", ["3:1: only one document may be in a file"]),
        (
            "a: [1,\n",
            [
                "2:1: is not YAML: expected the node content, but found '<stream end>': "
                "a bracket is not closed, or a ` #` begins a comment in it"
            ],
        ),
        (
            "a:\n\tb: 1",
            [
                "2:1: is not YAML: found character '\\t' that cannot start any token: "
                "indent with spaces"
            ],
        ),
        ("name: x\nsummary: \x07", ["2:1: is not YAML: the character U+0007 is not allowed"]),
        ("delivery: x", ["1:11: delivery: must be a list, not 'x'"]),
        (
            "- a\n",
            [
                "1:1: must be a mapping with keys such as name, summary, given, clock, senders, "
                "not a list"
            ],
        ),
        (
            "delivery:\n  -\n",
            [
                "2:4: delivery[0]: must be a mapping with keys such as id, when, outcome, "
                "error_code, after, not ''"
            ],
        ),
    ],
)
def test_surprises_of_yaml_are_refused(text: str, lines: list[str]) -> None:
    """Repeated keys, anchors, aliases, tags and broken text, each with its line."""
    assert refused(text) == lines


def test_endless_nesting_is_refused() -> None:
    """A hostile file does not exhaust the stack."""
    [line] = refused("[" * 5_000)
    assert line.endswith("is nested too deeply")
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(ScenarioError, match=r"is not JSON"):
        from_document(deep)


@pytest.mark.parametrize("value", [None, 5, "x", [], float("nan")])
def test_json_that_is_no_mapping_is_refused(value: object) -> None:
    """Without lines, the source alone stands in front."""
    with pytest.raises(
        ScenarioError, match=r"^scenario: must be a mapping with keys such as name, .*, not "
    ):
        from_document(value)


@pytest.mark.parametrize("document", [{"name": "\ud800"}, {"name": object()}, {5: 6}])
def test_what_no_json_holds_is_refused(document: object) -> None:
    """Lone surrogates among it, which could not be answered with either."""
    with pytest.raises(ScenarioError, match=r"^scenario: is not JSON: "):
        from_document(document)
    with pytest.raises(ScenarioError, match=r"is not JSON"):
        parse('name: "\\ud800"', "x.yaml")


def faults_of(read: Callable[[], object]) -> tuple[ScenarioFault, ...] | None:
    """What is wrong, or nothing when it was read."""
    try:
        read()
    except ScenarioError as wrong:
        return wrong.faults
    return None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
scenario_keys = st.sampled_from([*load("scenario")["properties"], "id", "when", "then", "nam"])


@given(st.dictionaries(scenario_keys, json_values, max_size=4))
def test_every_document_is_read_or_refused_in_words(document: dict[str, Any]) -> None:
    """Nothing else is ever raised."""
    faults = faults_of(lambda: from_document(document))
    assert faults is None or all(fault.message for fault in faults)


@given(st.text(alphabet="abcdeglmnrsuv:{}[]-+&*!?'\"#| \n\t1", max_size=60))
def test_every_text_is_read_or_refused_in_words(text: str) -> None:
    """Nothing else is ever raised, whatever is in the file."""
    faults = faults_of(lambda: parse(text, "x.yaml"))
    assert faults is None or faults


def test_a_seed_is_a_scenarios_given() -> None:
    """The body of POST /_mock/seed, with errors of its own."""
    seed = parse_given({"account": {"type": "Trial"}, "numbers": ["415 555 0123"]})
    assert seed.accounts == (GivenAccount(type="Trial"),)
    assert seed.numbers == (GivenNumber("+14155550123"),)
    with pytest.raises(ScenarioError, match=r"^seed: number: unknown key; did you mean 'numbers'"):
        parse_given({"number": []})
    with pytest.raises(ScenarioError, match=r"^seed: numbers\[0\]: '\?' is not a sender$"):
        parse_given({"numbers": ["?"]})


TEMPLATES = """
given:
  content:
    - sid: HXaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      friendly_name: 0010
      language: NO
      variables: {1: 007, name: Ada}
      types:
        twilio/text: {body: "Hi {{1}}"}
        twilio/location: {latitude: 37.78, longitude: -122, label: Here}
        whatsapp/authentication: {actions: [{type: COPY_CODE, copy_code_text: Copy}],
                                  add_security_recommendation: true}
      approval: pending
    - sid: HXbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      types: {twilio/card: {title: T, orientation: HORIZONTAL}}
"""


def test_content_templates() -> None:
    """In the form in which the Content API takes them; numbers are numbers, text stays text."""
    first, second = parse(TEMPLATES, "x.yaml").given.content
    assert (first.friendly_name, first.language, first.approval) == ("0010", "NO", "pending")
    assert first.variables == {"1": "007", "name": "Ada"}
    assert first.types["twilio/location"] == {"latitude": 37.78, "longitude": -122, "label": "Here"}
    assert first.types["whatsapp/authentication"]["add_security_recommendation"] is True
    assert second.types == {"twilio/card": {"title": "T", "orientation": "HORIZONTAL"}}
    assert (second.language, second.approval, second.variables) == ("en", "approved", {})
    read = parse(TEMPLATES, "x.yaml").given
    assert from_document({"given": read.document()}).given == read


HX = "HX" + "a" * 32
TEXT = {"twilio/text": {"body": "Hi"}}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ({"sid": HX}, "needs the key 'types'"),
        ({"types": TEXT}, "needs the key 'sid'"),
        ({"sid": "MG" + "a" * 32, "types": TEXT}, "must be a content template's SID"),
        ({"sid": HX, "types": {}}, "types"),
        ({"sid": HX, "types": {"twilio/texts": {}}}, "did you mean 'twilio/text'"),
        ({"sid": HX, "types": {"twilio/text": {}}}, "needs the key 'body'"),
        ({"sid": HX, "types": TEXT, "approval": "aproved"}, "did you mean 'approved'"),
        ({"sid": HX, "types": TEXT, "variables": {"1": 1}}, "variables.1: must be text, not 1"),
        ({"sid": HX, "types": TEXT, "variables": {"+07": 1}}, "variables.+07: must be text"),
    ],
)
def test_content_templates_that_are_none(template: dict[str, Any], said: str) -> None:
    """Told with their place."""
    with pytest.raises(ScenarioError) as caught:
        parse_given({"content": [{"sid": "HX" + "b" * 32, "types": TEXT}, template]})
    assert "seed: content[1]" in str(caught.value)
    assert said in str(caught.value)


def test_a_content_template_is_there_once() -> None:
    """Two with one SID are a mistake."""
    with pytest.raises(ScenarioError, match=r"content\[1\]: HXa* is here twice"):
        parse_given({"content": [{"sid": HX, "types": TEXT}] * 2})


def test_single_rules_are_read_for_the_control_api() -> None:
    """They get an id that is free, or keep their own."""
    taken = {"delivery-1", "faults-1"}
    assert parse_rule("delivery", {"outcome": "failed"}, taken).id == "delivery-2"
    assert parse_rule("faults", {"then": {"status": 503}}, taken).id == "faults-2"
    assert parse_rule("faults", {"id": "x", "then": {"status": 503}}).id == "x"
    with pytest.raises(
        ScenarioError, match=r"^delivery: id: there is a rule 'delivery-1' already$"
    ):
        parse_rule("delivery", {"id": "delivery-1"}, taken)
    with pytest.raises(ScenarioError, match=r"^faults: then: says nothing to do"):
        parse_rule("faults", {"then": {}})
    with pytest.raises(ScenarioError, match=r"^delivery: outcome: must be one of"):
        parse_rule("delivery", {"outcome": "delivred"})


def test_numbered_rules_avoid_given_ids() -> None:
    """A rule may be called as another would have been numbered."""
    rules = from_document({"delivery": [{"id": "delivery-2"}, {}, {}]}).delivery
    assert [rule.id for rule in rules] == ["delivery-2", "delivery-3", "delivery-4"]


def test_yaml_and_validator_are_loaded_when_needed() -> None:
    """A server that is started without a scenario file does not wait for them."""
    code = (
        "import sys, mockserver.world.scenarios; "
        "print({'yaml', 'jsonschema_rs'} & set(sys.modules) or 'neither')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "neither"


def test_so_much_can_be_wrong() -> None:
    """Of a file that is wrong in every line, the first hundred are told, and how many there are."""
    lines = refused("delivery:\n" + " - {outcom: x}\n" * 250)
    assert len(lines) == SHOWN + 1
    assert lines[0].endswith("2:5: delivery[0].outcom: unknown key; did you mean 'outcome'?")
    assert lines[-1] == " and 150 more"
