"""Broken scenario files: each is refused with file, line, and a sentence that names the fix."""

from pathlib import Path

import pytest

from mockserver.world.scenarios import Library, ScenarioError
from mockserver.world.seed import peopled

BROKEN: dict[str, tuple[str, int, str]] = {
    "unknown key": ("name: x\nwheather: []\n", 2, "did you mean 'weather'?"),
    "unknown filter": ("faults:\n - when: {operaton: x}\n   then: {status: 500}\n", 2, "operation"),
    "misspelt value": ("delivery:\n - outcome: deliverd\n", 2, "did you mean 'delivered'?"),
    "bad expression": ("delivery:\n - when: {body_regex: '['}\n", 2, "not a regular expression"),
    "window that ends before it begins": (
        "delivery:\n - when:\n    after: 5m\n    before: 1m\n",
        4,
        "make it longer than `after`, 5m",
    ),
    "code that Twilio has not": ("faults:\n - then: {error: 12345}\n", 2, "with a `message`"),
    "code without an outcome": ("delivery:\n - error_code: 99999\n", 2, "add an `outcome`"),
    "nth with every": ("weather:\n - when: {nth: 2, every: 3}\n   then: {drop: true}\n", 2, "nth"),
    "nth of nothing": ("delivery:\n - when: {nth: 0}\n", 2, "at least 1"),
    "share above one": ("delivery:\n - when: {share: 12}\n", 2, "at most 1"),
    "bad country": ("delivery:\n - when: {country: usa}\n", 2, "two capital letters"),
    "bad duration": ("handsets:\n - reply: x\n   delay: 5 min\n", 3, "use 500ms, 1.5s, 2m"),
    "steps out of order": ("delivery:\n - after: {sent: 3s, final: 1s}\n", 2, "comes before"),
    "unknown id in a step": (
        "delivery: [{id: outage}]\nsteps:\n - at: 1m\n   on: [outrage]\n",
        4,
        "did you mean 'outage'?",
    ),
    "on and off in one step": (
        "delivery: [{id: a}]\nsteps:\n - {at: 1m, on: [a], off: [a]}\n",
        3,
        "leave it out of one",
    ),
    "parameter that is never used": ("summary: x\nparameters:\n a: 1\n", 3, "write `${a}`"),
    "connections refused for ever": ("faults:\n - then:\n    refuse: 100d\n", 3, "ten minutes"),
    "step without a time": ("steps:\n - {senders: any}\n", 2, "needs the key 'at'"),
    "two ids alike": (
        "delivery: [{id: a}]\nfaults:\n - {id: a, then: {status: 500}}\n",
        3,
        "this id",
    ),
    "bad id": ("delivery:\n - id: my rule\n", 2, "letters, digits"),
    "a length that is none": (
        "faults:\n - then:\n    error: 20429\n    retry_after: 2 secs\n    slow_body: 2s\n",
        4,
        "then.retry_after: '2 secs' is not a duration",
    ),
    "a spread upside down": (
        "weather:\n - then:\n    duplicate: 1\n    delay: {uniform: [3s, 1s]}\n",
        4,
        "then.delay: `uniform` names the shortest first",
    ),
    "an operation that is none": (
        "faults:\n - when:\n    operation: api.v2010.CreateMesage\n   then: {status: 500}\n",
        3,
        "did you mean 'api.v2010.CreateMessage'?",
    ),
    "operations that are none": (
        "faults:\n - when: {operation: [api.v2010.*, api.v2011.*]}\n   then: {status: 500}\n",
        2,
        "no operation that is served is called 'api.v2011.*'",
    ),
    "path that is none": (
        "faults:\n - when: {path: 2010-04-01/*}\n   then: {status: 500}\n",
        2,
        "begin it with `/` or `*`",
    ),
    "count by what is none": (
        "delivery:\n - when: {nth: 1, per: recipient}\n",
        2,
        "'recipient' is none of to, from, body",
    ),
    "count by without a number": (
        "weather:\n - when: {per: to}\n   then: {drop: true}\n",
        2,
        "`nth`",
    ),
    "filter beside `when`": ("delivery:\n - to: '+1*'\n   outcome: failed\n", 2, "inside `when`"),
    "rule's key inside `when`": ("delivery:\n - when: {times: 2}\n", 2, "beside `when`, not"),
    "fault inside `when`": (
        "faults:\n - when: {reset: after}\n   then: {status: 500}\n",
        2,
        "inside `then`",
    ),
    "what is given, at the top": ("services: []\n", 1, "inside `given`"),
    "given numbers at the top": ("numbers: ['+14155550123']\n", 1, "inside `given`"),
    "given handsets at the top": (
        "handsets:\n - {phone_number: '+14155550123', reply: x}\n",
        2,
        "to the `handsets` inside `given`",
    ),
    "another word for a key": ("handsets:\n - {reply: x, wait: 5s}\n", 2, "did you mean 'delay'?"),
    "what is settled later": ("delivery:\n - when: {status: sent}\n", 2, "nobody knows it yet"),
    "another case": ("delivery:\n - when: {channel: SMS}\n", 2, "did you mean 'sms'?"),
    "another type": ("delivery:\n - when: sms\n", 2, "keys such as to, from, body"),
    "merging": ("delivery:\n - <<: {outcome: failed}\n", 2, "write it out"),
    "a space that nobody sees": ("delivery:\n -\u00a0outcome: failed\n", 2, "type it anew"),
    "wildcard that YAML takes for an alias": ("name: *x\n", 1, "put it in quotes"),
    "wildcard that YAML takes for nothing": ("delivery: [{id: *}]\n", 1, "put the text in quotes"),
    "colon in a text": ("summary: Carriers: down\n", 1, "put the text in quotes"),
    "backslash in a text": ('name: "\\d"\n', 1, "use single quotes"),
    "parameter in braces": ("delivery: [{id: ${x}}]\n", 1, "put `${…}` in quotes"),
    "bracket that is open": ("delivery:\n - {outcome: failed\n", 3, "begins in line 2 is not"),
    "comment in brackets": ("delivery:\n - {reply: #1}\n", 3, "begins a comment"),
    "quotes in quotes": ("name: 'it's'\n", 1, "is written twice"),
    "bracket that nothing opens": ("name: x\n}\n", 2, "nothing is open that it closes"),
    "dash without a space": ("delivery:\n  -outcome: failed\n", 2, "write a space behind `-`"),
    "crooked indent": ("delivery:\n  - outcome: sent\n   id: x\n", 3, "indent it as"),
    "typographic quotes": (
        "delivery:\n - when: {to: \u201c+1415*\u201d}\n",
        2,
        "has typographic quotes",
    ),
    "host with a scheme": (
        "faults:\n - when: {host: 'https://api.twilio.com'}\n   then: {status: 500}\n",
        2,
        "leave out the scheme",
    ),
    "webhook that is none": (
        "weather:\n - when: {url: localhost}\n   then: {drop: true}\n",
        2,
        "begin it with `http://`",
    ),
    "base with a suffix": (
        "extends: carrier-outage.yaml\n",
        1,
        "name it without folder and suffix",
    ),
    "percentile that is none": (
        "faults:\n - then: {latency: {percentiles: {p99: 2s}}}\n",
        2,
        "numbers as keys, such as 99, not 'p99'",
    ),
    "country without numbers": (
        "delivery:\n - when:\n    country: [US, XX]\n   outcome: failed\n",
        3,
        "no number counts as one of 'XX'",
    ),
    "a time without its step": (
        "delivery:\n - outcome: delivered\n   after: {sent: 1s, read: 2s}\n",
        3,
        "name another `outcome`",
    ),
    "empty then": ("weather:\n - then: {}\n", 2, "must not be empty"),
    "nothing to do": ("weather:\n - then: {drop: false}\n", 2, "use one of drop, duplicate"),
    "weather that clashes": ("weather:\n - then: {early: true, delay: 1s}\n", 2, "contradict"),
    "wrong percentiles": (
        "weather:\n - then: {delay: {percentiles: {50: 3s, 99: 1s}}}\n",
        2,
        "cannot be shorter than a lower one",
    ),
    "percentile above 100": (
        "weather:\n - then: {delay: {percentiles: {101: 3s}}}\n",
        2,
        "numbers from 0 to 100",
    ),
    "group that is not there": (
        "handsets:\n - when: {body_regex: 'a'}\n   reply: \\1\n",
        3,
        "no such group",
    ),
    "unknown base": ("extends: carier-outage\n", 1, "did you mean 'carrier-outage'?"),
    "circle": ("summary: x\nextends: circle\n", 2, "goes round in a circle"),
    "id that a base has": (
        "extends: carrier-outage\nfaults: [{id: outage, then: {status: 500}}]\n",
        1,
        "give one of them another id",
    ),
    "undeclared parameter": ("parameters: {share: 1}\nsummary: ${shre}\n", 2, "mean 'share'?"),
    "parameter without a value": ("parameters:\n  share: {about: Part.}\n", 2, "must be chosen"),
    "bad clock": ("clock: scaled\n", 1, "scaled:60"),
    "wrong type": ("rates: {enabled: 1}\n", 1, "must be true or false"),
    "bad SID": ("given:\n  account:\n    sid: AC1\n", 3, "AC and 32 hexadecimal digits"),
    "bad number": ("given:\n  numbers: ['x:y']\n", 2, "is not a sender"),
    "number twice": ("given:\n  numbers: ['12345', '12345']\n", 2, "here twice"),
    "file that is not there": (
        "given:\n  stores: [{name: a, file: b.csv}]\n",
        2,
        "there is no file",
    ),
    "broken rows of a file": (
        "given:\n  stores: [{name: a, file: people.csv}]\n",
        3,
        "",
    ),
    "key twice": ("name: a\nname: b\n", 2, "the first is in line 1"),
    "anchor": ("name: &a b\n", 1, "anchors"),
    "tab": ("given:\n\taccount: {}\n", 2, "indent with spaces"),
    "two documents": ("name: a\n---\nname: b\n", 2, "only one document"),
}
"""A text, the line at fault, and a part of what is said."""

OUTAGE = "delivery: [{id: outage, outcome: undelivered}]\n"
PEOPLE = "phone,firstName\n+14155550001,Ann\n+14155550002,Bob,Carl\n"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A folder with a base, a file of people, and every broken file."""
    (tmp_path / "carrier-outage.yaml").write_text(OUTAGE)
    (tmp_path / "people.csv").write_text(PEOPLE)
    for name, (text, _, _) in BROKEN.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return Library([tmp_path])


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused(library: Library, tmp_path: Path, name: str) -> None:
    """With one complaint, in the line at fault, that says what to do about it."""
    _, line, said = BROKEN[name]
    with pytest.raises(ScenarioError) as caught:
        peopled(library.get(name))
    [complaint] = str(caught.value).split("\n")
    source = "people.csv" if name == "broken rows of a file" else f"{name}.yaml"
    assert complaint.startswith(f"{tmp_path / source}:{line}:")
    assert said in complaint


def test_there_are_many_kinds() -> None:
    """More than the twenty that were asked for."""
    assert len(BROKEN) >= 20
