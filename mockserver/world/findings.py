"""What a test wants out of a message's body: its one-time codes and its links."""

import re
from itertools import pairwise
from typing import Final, NamedTuple

_LINK: Final = re.compile(r"https?://[^\s<>\"'`|\\^{}]+", re.IGNORECASE)
_TRAILING: Final = ".,;:!?*_~"
_OPENED: Final = {")": "(", "]": "["}

_CODE: Final = re.compile(
    r"(?<![\w.,+$€£¥#@/-])(?<!\d[ -])"  # no part of a number, a price, a hashtag, a word
    r"(?:[A-Z]{1,3}-)?"  # the `G-` of Google's
    r"(\d{3}[ -]\d{3}|\d{4,8})"
    r"(?![\w%€£¥]|[.,:/-]\d|[ -]\d)",
    re.ASCII,
)

_KEYWORD: Final = re.compile(
    r"\b(?:code|codes|pin|otp|otps|passcode|password|verif\w*|token|2fa|tan|kode|kod|kód|código|"
    r"codigo|clave|codice|hasło|senha|doğrulama|κωδικ\w*|код\w*|пароль)\b|"
    r"验证码|驗證碼|校验码|認証|コード|인증|رمز",
    re.IGNORECASE,
)

NEAR: Final = 40
"""Characters between a code and the word that announces it; ours."""

_ENUMERATED: Final = re.compile(r"[\s,;/&+-]*(?:and|or)?\s*").fullmatch

_YEARS: Final = range(1900, 2100)


class _Candidate(NamedTuple):
    digits: str
    start: int
    end: int

    @property
    def like_a_year(self) -> bool:
        return len(self.digits) == 4 and int(self.digits) in _YEARS


def links(body: str) -> list[str]:
    """Every `http` and `https` address, in order, without the punctuation of the sentence."""
    return [_trimmed(match[0]) for match in _LINK.finditer(body)]


def _trimmed(link: str) -> str:
    """Brackets that close what the sentence opened are not part of the address."""
    while link:
        last = link[-1]
        unopened = last in _OPENED and link.count(last) > link.count(_OPENED[last])
        if last not in _TRAILING and not unopened:
            break
        link = link[:-1]
    return link


def codes(body: str) -> list[str]:
    """The one-time codes of 4 to 8 digits, in order: `123456` also for `123 456` and `G-123456`.

    With a word like "code" about, the number next to it, and those enumerated with that one; else
    all. A year only where there is nothing else. Numbers in links, prices, dates and phone numbers
    are none.
    """
    text = _LINK.sub(lambda match: " " * len(match[0]), body)
    found = [
        _Candidate(re.sub(r"\D", "", match[1]), match.start(1), match.end(1))
        for match in _CODE.finditer(text)
    ]
    found = [each for each in found if not each.like_a_year] or found
    words = [match.span() for match in _KEYWORD.finditer(text)]
    chosen = _announced(found, words, text) or found
    return list(dict.fromkeys(each.digits for each in chosen))


def _announced(
    found: list[_Candidate], words: list[tuple[int, int]], text: str
) -> list[_Candidate]:
    """The numbers next to a word, and those that are enumerated with one of them."""
    nearest = {min(found, key=lambda each: _gap(each, word)) for word in words if found}
    chosen = {each for each in nearest if any(_gap(each, word) <= NEAR for word in words)}
    for before, after in pairwise(found):
        if before in chosen and _ENUMERATED(text, before.end, after.start):
            chosen.add(after)
    return [each for each in found if each in chosen]


def _gap(found: _Candidate, word: tuple[int, int]) -> int:
    """Characters between a number and a word."""
    [(before, after)] = pairwise(sorted([(found.start, found.end), word]))
    return after[0] - before[1]
