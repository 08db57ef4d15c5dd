"""Encoding and segments, judged by a literal rewriting of Twilio's segment calculator."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.domain.limits import BODY_LIMIT
from mockserver.domain.text import (
    BASIC,
    EXTENSION,
    REPLACEMENTS,
    Measure,
    length_utf16,
    measure,
    smart,
)

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
FLAG = "\U0001f1e9\U0001f1ea"
WAVE = "\U0001f44b\U0001f3fd"
KEYCAP = "1\ufe0f\u20e3"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
CLUSTERS = (FAMILY, FLAG, WAVE, KEYCAP, ENGLAND, "e\u0301", "\U0001f600", "❤\ufe0f", "नि")

plain = st.sampled_from(BASIC)
extended = st.sampled_from(BASIC[:20] + EXTENSION)
unicode = st.sampled_from((*CLUSTERS, *"aé[€ç漢я`\t"))


def calculator(graphemes: list[str]) -> Measure:
    """The official algorithm, step by step; it is given the graphemes of the text."""
    alphabet = BASIC + EXTENSION
    gsm = all(len(grapheme) == 1 and grapheme in alphabet for grapheme in graphemes)

    def bits(grapheme: str) -> int:
        if gsm:
            return 14 if grapheme in EXTENSION else 7
        return 8 * len(grapheme.encode("utf-16-le"))

    def free(number: int) -> int:
        header = 48 if headers[number] else 0
        return 1120 - header - sum(map(bits, segments[number]))

    segments: list[list[str]] = [[]]
    headers = [False]
    for grapheme in graphemes:
        if free(-1) < bits(grapheme):
            segments.append([])
            headers.append(True)
            if not headers[-2]:
                headers[-2] = True
                while free(-2) < 0:
                    segments[-1].insert(0, segments[-2].pop())
        segments[-1].append(grapheme)
    total = sum(bits(grapheme) for grapheme in graphemes)
    return Measure("GSM-7" if gsm else "UCS-2", len(segments), total // (7 if gsm else 16))


@given(st.lists(plain, max_size=400), st.lists(extended, min_size=150, max_size=500))
def test_gsm_segments_are_those_of_the_calculator(head: list[str], tail: list[str]) -> None:
    """Wherever extension characters fall, pairs are kept whole as the calculator keeps them."""
    graphemes = head + tail
    assert measure("".join(graphemes)) == calculator(graphemes)


@given(st.lists(unicode, max_size=300))
@example(["a"] * 66 + ["\U0001f600"] * 2)
@example(["a"] * 60 + [FAMILY])
@example(["я"] * 69 + [FLAG])
def test_unicode_segments_are_those_of_the_calculator(graphemes: list[str]) -> None:
    """Surrogate pairs and grapheme clusters are moved whole into the next segment."""
    assert measure("".join(graphemes)) == calculator(graphemes)


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * BODY_LIMIT, 11),
        ("{" * 80, 1),
        ("{" * 80 + "a", 2),
        ("a" * 152 + "{" * 77, 3),
        ("{" * BODY_LIMIT, 22),
        ("ä" * 160, 1),
        ("€" * 80, 1),
    ],
)
def test_gsm_boundaries(body: str, segments: int) -> None:
    """160 septets in one segment, 153 in each of several; an escape does not end a segment."""
    assert (measure(body).encoding, measure(body).segments) == ("GSM-7", segments)


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("я" * BODY_LIMIT, 24),
        ("\U0001f600" * 35, 1),
        ("\U0001f600" * 800, 25),
        ("a" * 69 + "ç", 1),
        ("a" * 70 + "`", 2),
        ("\t", 1),
        ("\x1b", 1),
    ],
)
def test_unicode_boundaries(body: str, segments: int) -> None:
    """One character outside the set makes all of it UCS-2: 70 units, then 67 each."""
    assert (measure(body).encoding, measure(body).segments) == ("UCS-2", segments)


def test_units_are_septets_or_code_units() -> None:
    """Extension characters count twice, emoji count twice, a line's end of two counts twice."""
    assert measure("a[\r\n€").units == 7
    assert measure("a\U0001f600").units == 3


@given(st.text())
def test_any_text_has_a_measure(body: str) -> None:
    """There is no text without a size, and no size without a segment."""
    size = measure(body)
    joined = 153 if size.encoding == "GSM-7" else 67
    assert size.segments >= max(1, math.ceil(size.units / (joined + 7)))
    assert size.segments == 1 or size.units > (160 if size.encoding == "GSM-7" else 70)


@pytest.mark.parametrize(
    ("head", "segments"),
    [
        ("я" * 66 + "e\u0301", 3),
        ("я" * 66 + "\n\u0301", 2),
        ("я" * 66 + "\u200b\u0301", 2),
        ("я" * 65 + FLAG, 3),
        ("я" * 65 + FLAG[0] + "x", 2),
        ("я" * 65 + "❤\u200d\U0001f525", 3),
        ("я" * 65 + "x\u200d\U0001f525", 2),
    ],
)
def test_what_makes_a_cluster(head: str, segments: int) -> None:
    """Marks join letters but not controls, halves of flags each other, a joiner pictographs.

    What does not fit before unit 67 moves on, and pushes the last unit over the second segment.
    """
    tail = "я" * (134 - length_utf16(head))
    assert measure(head + tail).segments == segments


def test_a_cluster_longer_than_a_segment_is_cut() -> None:
    """Marks piled on one letter do not fit the air; they are spread over segments."""
    assert measure("e" + "\u0301" * 200) == Measure("UCS-2", 3, 201)


def test_the_limit_counts_code_units() -> None:
    """800 emoji are as long as 1,600 letters; half a pair counts for one."""
    assert length_utf16("a" * BODY_LIMIT) == length_utf16("\U0001f600" * 800) == BODY_LIMIT
    assert length_utf16("я") == 1
    assert length_utf16("\ud83d") == 1


def test_smart_encoding_replaces_look_alikes() -> None:
    """Typographic characters become plain ones, some longer, some nothing."""
    assert smart("“It’s 3–4…”\u200b\t½") == '"It\'s 3-4..."       1/2'
    assert smart("‹›") == "><"
    assert smart("plain") == "plain"


def test_smart_encoding_knows_the_official_map() -> None:
    """270 code points, every one replaced by GSM characters or nothing."""
    points = [point for row in REPLACEMENTS.values() for point in row.split()]
    assert len(points) == len(set(points)) == 270
    assert set("".join(REPLACEMENTS)) <= set(BASIC + EXTENSION)
    assert measure("".join(chr(int(point, 16)) for point in points), smart=True).encoding == "GSM-7"


MAP = {
    chr(int(point, 16)): replacement
    for replacement, points in REPLACEMENTS.items()
    for point in points.split()
}


@pytest.mark.parametrize("char", MAP)
def test_every_look_alike_is_measured_as_its_replacement(char: str) -> None:
    """By code point, at both sides of a segment's end; without smart encoding it is what it is."""
    for count in (1, 80, 81, 160, 161, 307):
        replaced = list(MAP[char] * count)
        assert measure(char * count, smart=True) == calculator(replaced)
        assert smart(char * count) == "".join(replaced)
    assert measure(f"x{char}").encoding == "UCS-2"


@given(st.lists(st.sampled_from([*MAP, *"aé[€\n"]), max_size=400), st.sampled_from(["", "я"]))
def test_smart_segments_are_those_of_the_calculator(chars: list[str], stranger: str) -> None:
    """It counts what is left after the replacements, in whichever encoding that needs."""
    text = "".join(MAP.get(char, char) for char in chars) + stranger
    assert measure("".join(chars) + stranger, smart=True) == calculator(list(text))


@pytest.mark.parametrize(
    ("head", "segments"),
    [
        ("a" * 152 + "\r\n", 2),
        ("a" * 152 + "[" + "a" * 151, 2),
        ("a" * 152 + "[" + "a" * 152, 3),
        ("a" * 151 + "[" + "a" * 153, 2),
        ("a" * 159 + "[", 2),
        ("a" * 158 + "[", 1),
        ("a" * 67 + "я" * 67, 2),
        ("a" * 66 + "\U0001f600" + "я" * 66, 3),
        ("a" * 65 + "\U0001f600" + "я" * 67, 2),
        ("я" * 68 + "\U0001f600", 1),
        ("я" * 69 + "\U0001f600", 2),
    ],
)
def test_what_stands_on_a_boundary(head: str, segments: int) -> None:
    """A pair that does not fit goes over whole and leaves a hole; a line's end may be cut."""
    tail = "a" * (161 - len(head)) if head.endswith("\n") else ""
    assert measure(head + tail).segments == segments


@pytest.mark.parametrize("char", BASIC + EXTENSION)
def test_smart_encoding_leaves_gsm_alone(char: str) -> None:
    """No character of the alphabet is a look-alike of another, so such a text is what it is."""
    assert smart(char) == char
    assert measure(char * 161, smart=True) == measure(char * 161)


def test_smart_encoding_helps_only_where_all_is_replaced() -> None:
    """Segments are counted on the replaced text; one stranger left keeps it UCS-2."""
    assert measure("“" * 100).segments == 2
    assert measure("“" * 100, smart=True) == Measure("GSM-7", 1, 100)
    assert measure("“" * 100 + "я", smart=True) == Measure("UCS-2", 2, 101)
