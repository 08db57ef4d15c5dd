"""How a text is encoded and cut into segments, and the look-alikes of smart encoding.

Source: Twilio's segment calculator (its tables, its algorithm); GSM 03.38.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec

from mockserver.domain.limits import GSM_JOINED, GSM_SINGLE, UCS_JOINED, UCS_SINGLE

Encoding = Literal["GSM-7", "UCS-2"]


class Measure(msgspec.Struct, frozen=True, gc=False):
    """How long a text is on the air."""

    encoding: Encoding
    segments: int
    """At least 1: an empty text takes one, too."""
    units: int
    """Septets in GSM-7 (two for a character of the extension), UTF-16 code units in UCS-2."""


BASIC: Final = (
    "\n\r !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    "¡£¤¥§¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ"
)
"""The basic set of GSM 03.38: one septet each."""

EXTENSION: Final = "\f[\\]^{|}~€"
"""The extension: two septets each, an escape and a character, which stay in one segment."""

_BASIC_BYTES: Final = "".join(filter(str.isascii, BASIC)).encode()
_EXTENSION_BYTES: Final = "".join(filter(str.isascii, EXTENSION)).encode()
_GSM: Final = re.compile(f"[{re.escape(BASIC + EXTENSION)}]*").fullmatch
_ESCAPED: Final = str.maketrans({char: f"\x1b{char}" for char in EXTENSION})
_SINGLES: Final = (
    r"[\0-\u02ff\u0370-\u0482\u048a-\u0590\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20cf"
    r"\u2100-\u2bff\u3001-\u3029\u3041-\u3096\u30a0-\ua66e\uac00-\ud7a3\uff01-\uff9d]*"
)
"""Text of scripts in which every character stands alone; the rest is looked at one by one.

A pattern, compiled (and kept by `re`) at first use: it takes over a millisecond.
"""
_PICTOGRAPH: Final = r"[©®\u203c-\u2bff〰〽㊗㊙\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
"""Roughly Unicode's Extended_Pictographic: what a zero-width joiner ties to what stands before."""
_CONTROLS: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""Categories of characters that nothing joins, but for joiners and tags."""


def measure(body: str, *, smart: bool = False) -> Measure:
    """Encoding and segments of `body`; with `smart`, of what smart encoding makes of it.

    In UCS-2 a surrogate pair is not cut by a segment's end, nor is a grapheme cluster. Clusters are
    found without a Unicode segmentation library: marks, emoji modifiers and tags join what is
    before them, a joiner ties pictographs, regional indicators make pairs. Hangul written in jamo,
    Indic conjuncts and prepended marks count as single characters.
    """
    text, septets = body, _septets(body)
    if smart and septets < 0:  # nothing of GSM-7 is a look-alike of anything
        text = body.translate(_LOOK_ALIKES)
        septets = _septets(text)
    if septets >= 0:
        return Measure("GSM-7", _gsm_segments(text, septets), septets)
    units = length_utf16(text)
    return Measure("UCS-2", _ucs_segments(text, units), units)


def length_utf16(body: str) -> int:
    """UTF-16 code units: what the limit of 1,600 counts."""
    return len(body) if body.isascii() else len(body.encode("utf-16-le", "surrogatepass")) // 2


def smart(body: str) -> str:
    """`body` with look-alikes replaced by GSM characters, which may be longer or nothing.

    The encoding is GSM-7 afterwards only where nothing else was outside of that set.
    """
    return body.translate(_LOOK_ALIKES)


def _septets(text: str) -> int:
    """The length in GSM-7, or -1 when the text does not fit into that alphabet."""
    if not text.isascii():
        return len(text) + sum(map(text.count, EXTENSION)) if _GSM(text) else -1
    beyond = text.encode().translate(None, _BASIC_BYTES)
    return -1 if beyond.translate(None, _EXTENSION_BYTES) else len(text) + len(beyond)


def _gsm_segments(text: str, septets: int) -> int:
    if septets <= GSM_SINGLE:
        return 1
    if septets == len(text):
        return -(-septets // GSM_JOINED)
    escaped = text.translate(_ESCAPED)
    segments = end = 0
    while end < septets:
        end += GSM_JOINED
        end -= end < septets and escaped[end - 1] == "\x1b"
        segments += 1
    return segments


def _ucs_segments(text: str, units: int) -> int:
    if units <= UCS_SINGLE:
        return 1
    if re.fullmatch(_SINGLES, text):
        return -(-units // UCS_JOINED)
    segments, room = 1, UCS_JOINED
    for size in _cluster_sizes(text):
        if size > room:
            segments, room = segments + 1, UCS_JOINED
        room -= size
    return segments


def _cluster_sizes(text: str) -> Iterator[int]:
    """The UTF-16 code units of each grapheme cluster, a longer one than fits a segment cut up."""
    cluster = ""
    for char in text:
        if cluster and _joins(cluster, char) and length_utf16(cluster + char) <= UCS_JOINED:
            cluster += char
            continue
        if cluster:
            yield length_utf16(cluster)
        cluster = char
    yield length_utf16(cluster)


def _joins(cluster: str, char: str) -> bool:
    """Whether `char` belongs to the cluster before it."""
    if _extends(char):
        return unicodedata.category(cluster[0]) not in _CONTROLS or _extends(cluster[0])
    if cluster[-1] == "\u200d":
        return bool(re.match(_PICTOGRAPH, cluster) and re.match(_PICTOGRAPH, char))
    return len(cluster) == 1 and _is_indicator(cluster) and _is_indicator(char)


def _extends(char: str) -> bool:
    """A mark (half-width kana's, too), a joiner, an emoji modifier or a tag."""
    return (
        char in "\u200c\u200d\uff9e\uff9f"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
        or unicodedata.category(char)[0] == "M"
    )


def _is_indicator(char: str) -> bool:
    """One half of a flag."""
    return "\U0001f1e6" <= char <= "\U0001f1ff"


REPLACEMENTS: Final[Mapping[str, str]] = {
    '"': "00AB 00BB 201C 201D 02BA 02EE 201F 201E 275D 275E 301D 301E FF02",
    "'": (
        "2018 2019 02BB 02C8 02BC 02BD 02B9 201B FF07 00B4 02CA 0060 02CB 275B 275C 0313 0314 "
        "FE10 FE11"
    ),
    "/": "00F7 29F8 0337 0338 2044 2215 FF0F",
    "1/4": "00BC",
    "1/2": "00BD",
    "3/4": "00BE",
    "\\": "29F9 29F5 20E5 FE68 FF3C",
    "_": "0332 FF3F 2017",
    "|": "20D2 20D3 2223 FF5C 23B8 23B9 23D0 239C 239F",
    "-": "23BC 23BD 2015 FE63 FF0D 2010 2043 2014 2013 2022",
    "@": "FE6B FF20",
    "$": "FE69 FF04",
    "!": "01C3 FE15 FE57 FF01",
    "#": "FE5F FF03",
    "%": "FE6A FF05",
    "&": "FE60 FF06",
    ",": "201A 0326 FE50 FE51 FF0C FF64 3001",
    "(": "2768 276A FE59 FF08 27EE 2985",
    ")": "2769 276B FE5A FF09 27EF 2986",
    "*": (
        "204E 2217 229B 2722 2723 2724 2725 2731 2732 2733 273A 273B 273C 273D 2743 2749 274A "
        "274B 29C6 FE61 FF0A"
    ),
    "+": "02D6 FE62 FF0B",
    ".": "3002 FE52 FF0E FF61",
    "0": "FF10",
    "1": "FF11",
    "2": "FF12",
    "3": "FF13",
    "4": "FF14",
    "5": "FF15",
    "6": "FF16",
    "7": "FF17",
    "8": "FF18",
    "9": "FF19",
    ":": "02D0 02F8 2982 A789 FE13 FF1A",
    ";": "204F FE14 FE54 FF1B",
    "<": "FE64 FF1C 203A",
    "=": "0347 A78A FE66 FF1D",
    ">": "FE65 FF1E 2039",
    "?": "FE16 FE56 FF1F",
    "A": "FF21 1D00",
    "B": "FF22 0299",
    "C": "FF23 1D04",
    "D": "FF24 1D05",
    "E": "FF25 1D07",
    "F": "FF26 A730",
    "G": "FF27 0262",
    "H": "FF28 029C",
    "I": "FF29 026A",
    "J": "FF2A 1D0A",
    "K": "FF2B 1D0B",
    "L": "FF2C 029F",
    "M": "FF2D 1D0D",
    "N": "FF2E 0274",
    "O": "FF2F 1D0F",
    "P": "FF30 1D18",
    "Q": "FF31",
    "R": "FF32 0280",
    "S": "FF33 A731",
    "T": "FF34 1D1B",
    "U": "FF35 1D1C",
    "V": "FF36 1D20",
    "W": "FF37 1D21",
    "X": "FF38",
    "Y": "FF39 028F",
    "Z": "FF3A 1D22",
    "^": "02C6 0302 FF3E 1DCD",
    "{": "2774 FE5B FF5B",
    "}": "2775 FE5C FF5D",
    "[": "FF3B",
    "]": "FF3D",
    "~": "02DC 02F7 0303 0330 0334 223C FF5E",
    "  ": (
        "00A0 2000 2002 2003 2004 2005 2006 2007 2008 2009 200A 202F 205F 3000 008D 009F 0080 "
        "0090 009B"
    ),
    "": "0010 0000 0003 0004 0017 0019 0011 0012 0013 0014 2060 200B FEFF",
    "       ": "0009",
    "!!": "203C",
    " ": "2028 2029 2001",
    "...": "2026",
}
"""Replacement, and the code points that it replaces. Source: Twilio's segment calculator.

270 in all; its oddities are kept: ‹ and › look swapped, a tab makes seven spaces.
"""

_LOOK_ALIKES: Final = {
    int(point, 16): replacement
    for replacement, points in REPLACEMENTS.items()
    for point in points.split()
}
