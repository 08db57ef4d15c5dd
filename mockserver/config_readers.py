"""Text to value: how a setting's text is read, whoever gave it.

Each reader raises `ValueError` with a text that says what was expected.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from mockserver.domain.accounts import Account
from mockserver.world.clock import Mode

CLOCKS: Final = ("real", "instant", "manual", "scaled:60")

SWITCH_WORDS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


def read_text(text: str) -> str:
    """Any text."""
    return text


def read_address(text: str) -> str:
    """An address to listen on; the empty one, which would be every interface, is none."""
    if not text.strip():
        raise ValueError("an empty address: take localhost, or 0.0.0.0 for every interface")
    return text.strip()


def read_switch(text: str) -> bool:
    """Yes or no."""
    try:
        return SWITCH_WORDS[text.strip().lower()]
    except KeyError:
        raise ValueError(f"{text!r} is neither true nor false (1, 0, yes, no, on, off)") from None


def read_whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a whole number") from None


def read_port(text: str) -> int:
    """A TCP port; 0 lets the system choose."""
    number = read_whole(text)
    if not 0 <= number <= 65_535:
        raise ValueError(f"{number} is not a port: take 1 to 65535, or 0 for a free one")
    return number


def read_count(text: str) -> int:
    """A whole number above zero."""
    number = read_whole(text)
    if number < 1:
        raise ValueError(f"{number} is too small: take 1 or more")
    return number


def read_grace(text: str) -> int:
    """A duration (`20ms`, `1s`, or seconds) in microseconds."""
    from mockserver.domain.durations import microseconds

    return microseconds(text)


def read_clock(text: str) -> str:
    """A clock's mode, as text that the clock accepts."""
    try:
        Mode.parse(text)
    except ValueError as error:
        raise ValueError(f"{error}{did_you_mean(text, CLOCKS)}") from None
    return text


ACCOUNT_OPTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "full": ("type", "Full"),
    "trial": ("type", "Trial"),
    "test": ("mode", "test"),
}


def read_account(text: str) -> Account:
    """`SID:TOKEN[:Trial|Full][:test]`."""
    sid, _, rest = text.partition(":")
    token, *options = rest.split(":")
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", sid):
        raise ValueError(f"{sid!r} is no AccountSid (AC and 32 of 0-9 a-f); write SID:TOKEN")
    if not token:
        raise ValueError(f"{sid} has no Auth Token; write {sid}:TOKEN")
    known = [option for option in options if option.lower() in ACCOUNT_OPTIONS]
    if known != options:
        wrong = next(option for option in options if option not in known)
        raise ValueError(f"{wrong!r} after the token of {sid}: take Trial, Full or test")
    settled = dict(ACCOUNT_OPTIONS[option.lower()] for option in options)
    return Account(sid, token, settled.get("type", "Full"), settled.get("mode", "live"))


def read_mapping(text: str) -> tuple[str, str]:
    """`FROM=TO`: two addresses, what is below FROM goes below TO; or two hosts."""
    from mockserver.edge.http.webhook_map import FORM, read_map

    pair = re.fullmatch(r"(https?://.+?)=(https?://.+)|([^=]+)=([^=]+)", text)
    if pair is None:
        raise ValueError(f"{text!r} is not FROM=TO; {FORM}")
    start, goal = pair[1] or pair[3], pair[2] or pair[4]
    read_map([(start, goal)])
    return start, goal


def read_host(text: str) -> str:
    """A host name, an address, or a network as `203.0.113.0/24`."""
    if "://" in text:
        raise ValueError(f"{text!r} is an address of a page: take its host name alone")
    if re.fullmatch(r"([^:]+|\[.*\]):[0-9]+", text):
        raise ValueError(f"{text!r} names a port: take the host alone, which allows every port")
    if "/" in text:
        from ipaddress import ip_network

        ip_network(text)
    return text


def read_name(text: str) -> str:
    """A host name, or `*.` and a name for all below it; in lower case."""
    from mockserver.edge.http.place import is_literal, read_host
    from mockserver.world.ports import Unreachable

    name = text.removeprefix("*.")
    if re.search(r"[/:@*]", name) and not is_literal(name):
        raise ValueError(
            f"{text!r} is not a name: take a host's alone, as mock.example or *.example"
        )
    try:
        return text[: len(text) - len(name)] + read_host(name.lower(), text).rstrip(".")
    except Unreachable as wrong:
        raise ValueError(str(wrong)) from None


def read_url(text: str) -> str:
    """An `http` or `https` address; without its trailing slashes."""
    if not re.match(r"https?://[^/]", text):
        raise ValueError(f"{text!r} is not an address like http://localhost:2010")
    return text.rstrip("/")


def read_webhook(text: str) -> str:
    """An `http` or `https` address, as it is written."""
    if not re.match(r"https?://[^/\s]+\S*$", text):
        raise ValueError(f"{text!r} is not an address like http://localhost:3000/sms")
    return text


def one_of(*choices: str) -> Callable[[str], str]:
    """A reader that takes these words only."""

    def read(text: str) -> str:
        if text not in choices:
            hint = did_you_mean(text, choices)
            raise ValueError(f"{text!r} is none of {', '.join(choices)}{hint}")
        return text

    return read


def read_trial_code(text: str) -> int:
    """The error code for an unverified number on a Trial account."""
    return int(one_of("21219", "21608")(text))


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """`; did you mean …?`, or nothing when no known word is near."""
    from mockserver.domain.matching import near

    meant = near(word, known)
    return f"; did you mean {meant}?" if meant else ""
