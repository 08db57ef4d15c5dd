"""A text with Liquid: compiled once, rendered for each recipient."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.compiling import compile_text
from mockserver.domain.personalising.engine import parse
from mockserver.domain.personalising.template import (
    MEDIA_URL,
    SOURCE_LIMIT,
    TAG,
    TEXT,
    Joined,
    Kind,
    Template,
    Variables,
)

AT = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
PATH = "$.content.text"

VARIABLES = st.dictionaries(st.sampled_from(["a", "b", "now", "first_name"]), st.text(max_size=20))


def compiled(source: str, kind: Kind = TEXT) -> Template:
    """The template of a text that is one."""
    template = compile_text(source, PATH, AT, kind)
    assert isinstance(template, Template), template
    return template


def rendered(source: str, **variables: str) -> str | Fault:
    """What becomes of a template for one recipient."""
    return compiled(source).render(variables)


def refused(source: str) -> str:
    """The message of the fault that a text meets when it is compiled."""
    fault = compile_text(source, PATH, AT)
    assert isinstance(fault, Fault)
    assert (fault.code, fault.context) == (20001, PATH)
    return fault.message


@pytest.mark.parametrize(
    ("source", "variables", "text"),
    [
        ("Hi {{ name | default: 'there' }}", {"name": "Ada"}, "Hi Ada"),
        ("Hi {{ name | default: 'there' }}", {}, "Hi there"),
        ("Hi {{ name | default: 'there' }}", {"name": ""}, "Hi there"),
        ("Hi {{ name }}!", {}, "Hi !"),
        ("a {{- name -}} b", {"name": "x"}, "axb"),
        ("{% if name == 'Ada' %}A{% else %}B{% endif %}", {"name": "Ada"}, "A"),
        ("{% unless name %}nobody{% endunless %}", {}, "nobody"),
        ("{% case n %}{% when '1' %}one{% else %}more{% endcase %}", {"n": "2"}, "more"),
        ("{{ name | upcase | append: '!' }}", {"name": "ada"}, "ADA!"),
        ("{% for i in (1..3) %}{{ i }},{% endfor %}", {}, "1,2,3,"),
        ("{{ (1..3) | join: '-' }}", {}, "1-2-3"),
        ("{{ list | split: ',' | uniq | join: '+' }}", {"list": "a,b,a"}, "a+b"),
        ("{{ html | strip_html }}", {"html": "<b>x</b>"}, "x"),
        ("{{ x | replace: 'a', 'bb' }}", {"x": "banana"}, "bbbnbbnbb"),
        ("{% assign x = n | plus: 1 %}{{ x }}", {"n": "41"}, "42"),
        ("{% raw %}{{ name }}{% endraw %}", {"name": "x"}, "{{ name }}"),
        ("{% comment %}{{ name }}{% endcomment %}", {"name": "x"}, ""),
        ("{{ ['first name'] }}", {"first name": "Ada"}, "Ada"),
    ],
)
def test_liquid_is_carried_out(source: str, variables: Variables, text: str) -> None:
    """Variables, defaults, filters, control flow, `raw` and white space as in Liquid."""
    assert compiled(source).render(variables) == text


@pytest.mark.parametrize(
    "source", ["{{ a }}", "{{ a | append: '' }}", "{% if a %}{{ a }}{% endif %}"]
)
def test_values_are_not_read_again(source: str) -> None:
    """Substitution is a single pass: Liquid inside of a value stays what it is."""
    assert rendered(source, a="{{ b }}{% raw %}", b="no") == "{{ b }}{% raw %}"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Hi {{ a", "expected '}}', found end of file (line 1)"),
        ("one\n{{ a b }}", "expected end of expression, found word (line 2)"),
        ("one\r\n\r\n{% nope %}", "unexpected tag 'nope' (line 3)"),
        ("{% if a %}\nx", "(line "),
        ("\n{{ a | nope }}", "unknown filter 'nope' (line 2)"),
        ("{% if b %}{{ b | default: a | nope }}{% endif %}", "unknown filter 'nope' (line 1)"),
        ("\n{% include 'passwd' %}", "unexpected tag 'include' (line 2)"),
        ("{% render '/etc/passwd' %}", "unexpected tag 'render' (line 1)"),
        ("{{" + "[a" * 2_000 + "]" * 2_000 + "}}", "Liquid: "),
        ("{% if a" + " and a" * 1_200 + " %}{% endif %}", "Liquid: "),
        ("{% if a %}" * 31 + "{% endif %}" * 31, "nesting limit"),
        ("{{ " + "9" * 5_000 + " }}", "integer string conversion limit"),
        ("{{ a }}" + "x" * SOURCE_LIMIT, "at most 8000 characters, not 8007"),
        ("\n{{ a }}" + " " * 32, "32 blanks in a row (line 2)"),
        ("{% comment %}" + "{{ " * 2_000 + "{% endcomment %}", "not closed (line 1)"),
    ],
)
def test_what_is_not_liquid_is_refused(source: str, said: str) -> None:
    """20001 at the text's path, with what is wrong and on which line; no file is ever read."""
    message = refused(source)
    assert message.startswith("Invalid parameter: Liquid: ")
    assert said in message
    assert len(message) < 300


@pytest.mark.parametrize(
    "source",
    [
        "{% break %}",
        "{{ a | divided_by: 0 }}",
        "{{ '/w==' | base64_decode }}",
        "{{ '1e999999999' | round }}",
        "{{ 'x' | date }}",
        "{{ a | split }}",
    ],
)
def test_a_template_that_cannot_be_carried_out_is_a_fault(source: str) -> None:
    """Whatever a filter raises becomes 20001 at the text's path."""
    fault = rendered(source, a="1")
    assert isinstance(fault, Fault)
    assert (fault.code, fault.context) == (20001, PATH)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{% for i in (1..1000000000) %}{% endfor %}", 20001),
        ("{% for i in (1..n) reversed %}{% endfor %}", 20001),
        ("{% for i in (-1000000000..n) limit: 1 %}{% endfor %}", 20001),
        ("{% tablerow i in (1..n) cols: 2 %}{% endtablerow %}", 20001),
        ("{% for i in (1..300) %}{% for j in (1..300) %}" * 2 + "{% endfor %}" * 4, 20001),
        ("{% for i in (1..900) %}{% endfor %}" * 200, 20001),
        ("{% assign r = (1..n) | reverse %}", 20001),
        ("{% if (1..n) contains 'a' %}{% endif %}", 20001),
        ("{{ 'x' | append: (1..n) }}", 20001),
        ("{{ s | split: '' | uniq | join }}", 20001),
        ("{{ s | strip_html | strip_html }}", 20001),
        ("{{ 'aaaaaaaaaa'" + " | replace: 'a', 'aaaaaaaaaa'" * 20 + " }}", 21617),
        ("{{ s | split: '' | join: s }}", 21617),
        ("{{ 'x'" + " | base64_encode" * 300 + " }}", 21617),
        ("{% assign a = 'xx' %}" + "{% assign a = a | append: a %}" * 60, 21617),
        ("{% assign a = 99 %}" + "{% assign a = a | times: a %}" * 60, 21617),
        ("{% for i in (1..50) %}{% assign a = a | append: s %}{% endfor %}", 21617),
        ("{% for i in (1..50) %}{% capture a %}{{ a }}{{ s }}{% endcapture %}{% endfor %}", 21617),
        ("{% for i in (1..900) %}xxxxxxxxxx{% endfor %}", 21617),
        (
            "{% for i in (1..100) %}"
            + "".join(f"{{%assign a{n}=1%}}" for n in range(400))
            + "{% endfor %}",
            20001,
        ),
    ],
)
def test_no_template_hangs_or_grows(source: str, code: int) -> None:
    """Loops, ranges, filters and variables end in a fault before they take time or memory."""
    fault = rendered(source, n="1000000000", s="<" * 1_500)
    assert isinstance(fault, Fault)
    assert fault.code == code


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% for i in (1..1000) %}{% if i == 1000 %}{{ i }}{% endif %}{% endfor %}", "1000"),
        ("{% assign all = s | split: ' ' | uniq | sort %}{{ all | join: ',' }}", "a,b,c"),
        ("{% for x in (1..30) %}{% for y in (1..30) %}.{% endfor %}{% endfor %}", "." * 900),
        ("{% raw %}" + "{{ " * 10 + "{% endraw %}", "{{ " * 10),
        ("{{ a | default: '1' }}" + " " * 31, "1" + " " * 31),
    ],
)
def test_what_a_message_may_need_is_within_bounds(source: str, text: str) -> None:
    """Nobody who writes a message for a telephone meets the limits."""
    assert rendered(source, s="c a b " * 40) == text


def test_a_million_characters_in_a_variable_are_too_many() -> None:
    """A large value is a text that is too long, whether a filter looks at it or not."""
    for source in ("{{ a }}", "{{ a | upcase }}", "{% if a %}{{ a }}{% endif %}"):
        fault = rendered(source, a="x" * 1_000_000)
        assert isinstance(fault, Fault)
        assert fault.code == 21617


@pytest.mark.parametrize("end", ["{{ a }}", "{{ a | upcase }}"])
def test_a_text_may_have_1600_characters_after_rendering(end: str) -> None:
    """The limit is on what comes out, in UTF-16 code units: 21617 beyond it."""
    assert rendered("x" * 1_599 + end, a="y") != ""
    assert isinstance(rendered("x" * 1_599 + end, a="y"), str)
    assert isinstance(rendered("漢" * 1_599 + end, a="漢"), str)
    assert isinstance(rendered("😀" * 799 + end, a="yy"), str)
    too_long = Fault(21617, "The concatenated message body exceeds the 1600 character limit.", PATH)
    assert rendered("x" * 1_599 + end, a="yz") == too_long
    assert rendered("😀" * 799 + end, a="yyy") == too_long


def test_a_media_url_must_be_one_after_rendering() -> None:
    """`https://{{ host }}/…` is a URL with a host and none without: 21620."""
    template = compiled("https://{{ host }}/a.png", MEDIA_URL)
    assert template.render({"host": "example.com"}) == "https://example.com/a.png"
    for variables in ({}, {"host": "a b"}, {"host": "x" * 5_000 + " "}):
        fault = template.render(variables)
        assert isinstance(fault, Fault)
        assert (fault.code, fault.context) == (21620, PATH)


@pytest.mark.parametrize("value", ["", "a b", "ä", "x" * 257, "{{ x }}", "x\n"])
def test_a_tag_is_looked_at_after_rendering(value: str) -> None:
    """1 to 256 of letters, digits and `._~-`; anything else is 20001."""
    template = compiled("{{ value }}", TAG)
    assert template.render({"value": "Spring-26_a.b~c"}) == "Spring-26_a.b~c"
    assert template.render({"value": "x" * 256}) == "x" * 256
    fault = template.render({"value": value})
    assert isinstance(fault, Fault)
    assert fault.code == 20001


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ 'now' | date: '%Y-%m-%d %H:%M' }}", "2026-12-01 09:30"),
        ("{{ 'today' | date: '%s %%s' }}", "1796117400 %s"),
        ("{{ 1700000000 | date: '%Y-%m-%d %H:%M %Z' }}", "2023-11-14 22:13 UTC"),
        ("{{ '10:45' | date: '%F %R' }}", "2026-12-01 10:45"),
        ("{{ '5 May 2020 10:00 XYZ' | date: '%d.%m.%Y' }}", "05.05.2020"),
        ("{{ 'soon' | date: '%Y' }}", "soon"),
        ("{{ '99999999999999999999' | date: '%Y' }}", "99999999999999999999"),
        ("{{ nothing | date: '%Y' }}", ""),
        ("{{ now }}{{ today }}", ""),
    ],
)
def test_liquid_has_the_time_that_it_is_given(source: str, text: str) -> None:
    """Neither `now` nor half a date asks the machine's clock or its zone."""
    assert rendered(source) == text


def test_the_same_template_serves_many() -> None:
    """Nothing of one recipient is left for the next."""
    template = compiled("{% if a %}{% assign x = a %}{% endif %}{{ x }}{% increment n %}")
    assert [template.render(v) for v in ({"a": "1"}, {}, {"a": "2"})] == ["10", "0", "20"]


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        ("{{ a }} {{ b | default: 'x' }} {{ c | upcase }}", ("a", "c")),
        ("{{ a | upcase | default: 'x' }}", ()),
        ("{{ a | default: b }}", ("b",)),
        ("{{ a | default: 'x' }}{{ a }}", ("a",)),
        ("{% if a %}{% endif %}{% for i in b %}{{ i }}{{ forloop.index }}{% endfor %}", ()),
        ("{% if a %}{{ b }}{% endif %}", ("b",)),
        ("{% assign x = a %}{{ x }}", ("a",)),
        ("{% capture x %}{{ a }}{% endcapture %}{{ x }}", ("a",)),
        ("{% echo a %}{% liquid echo b %}", ("a", "b")),
        ("{{ a.b[c] }}", ("a", "c")),
        ("{% raw %}{{ a }}{% endraw %}", ()),
        ("a", ()),
    ],
)
def test_variables_without_a_default_are_known(source: str, bare: tuple[str, ...]) -> None:
    """What is put out, assigned or handed to a filter counts; conditions and locals do not."""
    assert compiled(source).bare == bare


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), VARIABLES)
@example("{{", {})
@example("{% if %}", {})
@example("{% liquid %}", {})
@example("{{ a | where: 'b' | map: 'c' | sum | concat: a }}", {"a": "x"})
def test_any_text_is_a_template_or_a_fault(source: str, variables: Variables) -> None:
    """Neither compiling nor rendering ever raises."""
    template = compile_text(source, PATH, AT)
    if isinstance(template, Template):
        assert isinstance(template.render(variables), str | Fault)


WORDS = """{{ }} {% %} {%- -}} a b.c 'x' "y" 1 -2.5 (1..3) | default: upcase split: join: date: if
else endif for in endfor assign = capture endcapture case when endcase raw endraw comment endcomment
liquid cycle , : [ ] and contains == < nil true first slice: truncate: plus: round: sort map:
reversed limit: unless endunless tablerow endtablerow increment echo uniq replace: times:
concat: where: size url_decode base64_decode sum compact strip_html"""


@given(st.lists(st.sampled_from(WORDS.split()), max_size=25).map(" ".join), VARIABLES)
def test_any_heap_of_liquid_is_a_template_or_a_fault(source: str, variables: Variables) -> None:
    """Nor does what looks more like Liquid than any text would."""
    template = compile_text(source, PATH, AT)
    if isinstance(template, Template):
        assert isinstance(template.render(variables), str | Fault)


PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}%"), max_size=20)
SLOTS = st.tuples(
    st.sampled_from(["{{ ", "{{", "{{- "]),
    st.sampled_from(["a", "b", "now", "size", "first_name", "['a']"]),
    st.sampled_from(["", " | default: 'x y'", ' | default: ""', " | default: 'default: 1'"]),
    st.sampled_from([" }}", "}}", " -}}"]),
).map("".join)


@given(st.lists(PLAIN | SLOTS, max_size=8).map("".join), VARIABLES)
@example("a\r\nb\r{{ a }}", {"a": "\r\n"})
def test_the_quick_way_is_the_librarys(source: str, variables: Variables) -> None:
    """Text, variables and defaults are joined as the library would render them."""
    quick, _ = parse(source, AT)
    slow, _ = parse(source + "{% if false %}{% endif %}", AT)
    assert isinstance(quick, Joined)
    assert not isinstance(slow, Joined)
    assert quick(variables) == slow(variables)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), VARIABLES)
def test_text_without_liquid_is_what_the_library_makes_of_it(
    text: str, variables: Variables
) -> None:
    """Where neither `{{` nor `{%` stands, there is nothing to do, and nothing is done."""
    if "{{" not in text and "{%" not in text:
        template = compiled(text)
        assert template.constant
        assert template.render(variables) == text == parse(text, AT)[0](variables)


SCRIPT = """
import sys
from datetime import datetime, UTC
from mockserver.domain.personalising.compiling import compile_text
at = datetime(2026, 12, 1, tzinfo=UTC)
assert compile_text("Hi { you }", "$", at).constant
assert "liquid" not in sys.modules
sys.modules["liquid"] = None
try:
    compile_text("Hi {{ you }}", "$", at)
except ImportError as missing:
    print(missing)
"""


def test_the_library_is_loaded_for_liquid_only() -> None:
    """Without Liquid it need not even be installed; with Liquid the error names the extra."""
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert answer.stderr == ""
    assert "pip install 'twilio-mockserver[comms]'" in answer.stdout
