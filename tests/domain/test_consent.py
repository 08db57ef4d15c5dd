"""Which words stop, restart and explain, what answers them, and for which senders."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.consent import (
    HANDLED,
    HELP_REPLY,
    HELP_WORDS,
    NETWORK,
    START_REPLY,
    START_WORDS,
    STOP_REPLY,
    STOP_WORDS,
    USUAL,
    BadSettings,
    Management,
    OptOutSettings,
    Verdict,
    decide,
    read_settings,
)
from mockserver.domain.rates import SenderKind

ADVANCED = read_settings(
    {
        "management": "advanced",
        "stop_keywords": ["Arret"],
        "start_keywords": ["go"],
        "help_keywords": ["aide"],
        "stop_reply": "Au revoir.",
        "start_reply": "",
        "help_reply": "Ask us.",
    }
)
DISABLED = OptOutSettings("disabled")
KINDS: tuple[SenderKind, ...] = get_args(SenderKind)
WORDS = (*STOP_WORDS, *START_WORDS, *HELP_WORDS)
NOTHING = Verdict()


def verdict(
    body: str,
    kind: SenderKind = "long_code_us_ca",
    settings: OptOutSettings = USUAL,
    *,
    out: bool = False,
) -> Verdict:
    return decide(body, sender_kind=kind, settings=settings, opted_out=out)


def typed(words: tuple[str, ...]) -> st.SearchStrategy[tuple[str, str]]:
    """A word, and the same in some letter case between some white space."""
    space = st.text(" \t\r\n", max_size=3)

    def spelt(word: str) -> st.SearchStrategy[str]:
        letters = [st.sampled_from((letter.lower(), letter.upper())) for letter in word]
        return st.tuples(*letters).map("".join)

    return st.sampled_from(words).flatmap(
        lambda word: st.tuples(st.just(word), st.tuples(space, spelt(word), space).map("".join))
    )


# -- keywords and replies --------------------------------------------------------------------------


def test_the_default_keywords() -> None:
    """All of them, and none in two groups."""
    stop = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]
    assert list(STOP_WORDS) == stop
    assert list(START_WORDS) == ["START", "YES", "UNSTOP"]
    assert list(HELP_WORDS) == ["HELP", "INFO"]
    assert len(set(WORDS)) == len(WORDS)


@given(typed(STOP_WORDS))
def test_a_word_that_stops(case: tuple[str, str]) -> None:
    """In any letter case, between any white space; the second time without a reply."""
    assert verdict(case[1]) == Verdict(
        "stop",
        "You have successfully been unsubscribed. You will not receive any more messages from "
        "this number. Reply START to resubscribe.",
    )
    assert verdict(case[1], out=True) == Verdict("stop")


@given(typed(START_WORDS))
def test_a_word_that_starts_again(case: tuple[str, str]) -> None:
    """For those who had stopped; for others it is an ordinary message."""
    assert verdict(case[1], out=True) == Verdict(
        "start",
        "You have successfully been re-subscribed to messages from this number. Reply HELP for "
        "help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    )
    assert verdict(case[1]) == NOTHING


@given(typed(HELP_WORDS), st.booleans())
def test_a_word_that_asks_for_help(case: tuple[str, str], out: bool) -> None:
    """Changes nothing and is answered every time."""
    text = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
    assert verdict(case[1], out=out) == Verdict("help", text)


@given(st.sampled_from(WORDS), st.text(min_size=1), st.booleans())
def test_a_keyword_is_the_whole_message(word: str, more: str, out: bool) -> None:
    """`stop please` is none, nor is a word that merely begins with one."""
    for body in (f"{word} {more}", f"{more} {word}", f"{word}{more}"):
        if body.strip().upper() not in WORDS:
            assert verdict(body, out=out) == NOTHING


@pytest.mark.parametrize("body", ["", " ", "stop please", "STOP.", "S T O P", "ST\nOP", "stopp"])
def test_what_is_no_keyword(body: str) -> None:
    """Punctuation and spaces inside count."""
    assert verdict(body) == verdict(body, out=True) == NOTHING


# -- by kind of sender -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("management", get_args(Management))
def test_where_keywords_are_looked_for(kind: SenderKind, management: Management) -> None:
    """Long codes, toll-free numbers and RCS; short codes and WhatsApp by Advanced Opt-Out only."""
    by_default = kind in ("long_code_us_ca", "long_code", "toll_free", "rcs")
    by_advanced = by_default or kind in ("short_code", "whatsapp")
    handled = {"default": by_default, "advanced": by_advanced, "disabled": False}[management]
    assert (management in HANDLED.get(kind, ())) is handled
    found = verdict("help", kind, OptOutSettings(management))
    assert (found.action == "help") is handled
    assert (found.reply == HELP_REPLY) is handled


@given(typed(WORDS), st.booleans())
def test_disabled_does_nothing(case: tuple[str, str], out: bool) -> None:
    """The application must."""
    assert verdict(case[1], settings=DISABLED, out=out) == NOTHING


@pytest.mark.parametrize("settings", [USUAL, DISABLED])
@pytest.mark.parametrize("out", [True, False])
@pytest.mark.parametrize("word", WORDS)
def test_a_bare_short_code_and_whatsapp(word: str, out: bool, settings: OptOutSettings) -> None:
    """Are their owner's business."""
    for kind in ("short_code", "whatsapp", "messenger", "alphanumeric"):
        assert verdict(word, kind, settings, out=out) == NOTHING


# -- toll-free -------------------------------------------------------------------------------------


NETWORK_STOP = (
    'NETWORK MSG: You replied with the word "stop" which blocks all texts sent from this number. '
    'Text back "unstop" to receive messages again.'
)


def network_start(word: str) -> str:
    return (
        f'NETWORK MSG: You have replied "{word}" and will begin receiving messages again from this '
        "number."
    )


@pytest.mark.parametrize("settings", [USUAL, DISABLED])
@pytest.mark.parametrize(
    ("word", "out", "action", "reply"),
    [
        ("STOP", False, "stop", NETWORK_STOP),
        ("stop ", False, "stop", NETWORK_STOP),
        ("STOP", True, "stop", ""),
        ("UNSTOP", True, "start", network_start("unstop")),
        ("start", True, "start", network_start("Start")),
    ],
)
def test_the_network_of_toll_free_numbers(
    settings: OptOutSettings, word: str, out: bool, action: Any, reply: str
) -> None:
    """It knows three words, and nobody can switch it off."""
    found = verdict(word, "toll_free", settings, out=out)
    assert found == Verdict(action, reply, by_network=True)


@pytest.mark.parametrize("word", ["START", "UNSTOP"])
def test_the_network_has_nothing_to_start(word: str) -> None:
    """An ordinary message from somebody who had not stopped."""
    assert verdict(word, "toll_free") == NOTHING


@pytest.mark.parametrize("out", [True, False])
@pytest.mark.parametrize("word", sorted({*STOP_WORDS, *START_WORDS} - NETWORK.keys()))
def test_the_network_knows_no_other_words(word: str, out: bool) -> None:
    """Nor does Twilio by default."""
    assert verdict(word, "toll_free", out=out) == NOTHING


@pytest.mark.parametrize("word", HELP_WORDS)
def test_help_on_toll_free_numbers(word: str) -> None:
    """Twilio's own text, but nothing to those who stopped."""
    assert verdict(word, "toll_free") == Verdict("help", HELP_REPLY)
    assert verdict(word, "toll_free", out=True) == Verdict("help")


def test_toll_free_numbers_of_a_service_with_words_of_its_own() -> None:
    """The network goes before them; the others are the service's, with its texts."""
    stop = verdict("stop", "toll_free", ADVANCED)
    assert stop == Verdict("stop", NETWORK_STOP, "STOP", by_network=True)
    assert verdict("arret", "toll_free", ADVANCED) == Verdict("stop", "Au revoir.", "STOP")
    assert verdict("go", "toll_free", ADVANCED, out=True) == Verdict("start", "", "START")


# -- Advanced Opt-Out ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["long_code", "short_code", "whatsapp", "rcs"])
@pytest.mark.parametrize(
    ("body", "out", "expected"),
    [
        ("ARRET", False, Verdict("stop", "Au revoir.", "STOP")),
        ("arret", True, Verdict("stop", "", "STOP")),
        ("stop", False, Verdict("stop", "Au revoir.", "STOP")),
        ("Go", True, Verdict("start", "", "START")),
        ("start", True, Verdict("start", "", "START")),
        ("start", False, Verdict(opt_out_type="START")),
        ("aide", True, Verdict("help", "Ask us.", "HELP")),
        ("help", False, NOTHING),
        ("unsubscribe", False, NOTHING),
        ("yes", True, NOTHING),
    ],
)
def test_words_and_texts_of_ones_own(
    kind: SenderKind, body: str, out: bool, expected: Verdict
) -> None:
    """They replace Twilio's, but for STOP and START; the webhook gets `OptOutType`."""
    assert verdict(body, kind, ADVANCED, out=out) == expected


def test_advanced_without_more_has_the_usual_words() -> None:
    """And the webhook is told."""
    found = verdict("quit", settings=OptOutSettings("advanced"))
    assert found == Verdict("stop", STOP_REPLY, "STOP")
    found = verdict("yes", settings=OptOutSettings("advanced"), out=True)
    assert found == Verdict("start", START_REPLY, "START")


# -- settings as they are written ------------------------------------------------------------------


def test_reserved_words_stay() -> None:
    """STOP and START are in their lists whatever one writes, first; each word once, in capitals."""
    assert ADVANCED.stop_keywords == ("STOP", "ARRET")
    assert ADVANCED.start_keywords == ("START", "GO")
    assert ADVANCED.help_keywords == ("AIDE",)
    doubled = {"management": "advanced", "stop_keywords": ["end", "STOP", "End"]}
    assert read_settings(doubled).stop_keywords == ("STOP", "END")
    emptied = {"management": "advanced", "stop_keywords": [], "help_keywords": []}
    assert read_settings(emptied).stop_keywords == ("STOP",)
    assert read_settings(emptied).help_keywords == ()


@pytest.mark.parametrize(
    ("document", "field", "text"),
    [
        ({"stop_reply": "Bye."}, "stop_reply", "advanced"),
        ({"management": "disabled", "help_keywords": ["aide"]}, "help_keywords", "advanced"),
        (
            {"management": "advanced", "stop_keywords": ["yes"]},
            "stop_keywords",
            "YES is in start_keywords already",
        ),
        (
            {"management": "advanced", "help_keywords": ["Start"]},
            "help_keywords",
            "START is in start_keywords already",
        ),
    ],
)
def test_settings_that_contradict_themselves(
    document: dict[str, Any], field: str, text: str
) -> None:
    """Words that nobody would look for, and words with two meanings."""
    with pytest.raises(BadSettings, match=text) as refused:
        read_settings(document)
    assert refused.value.field == field


@pytest.mark.parametrize("settings", [USUAL, DISABLED, ADVANCED])
def test_settings_can_be_read_again(settings: OptOutSettings) -> None:
    """All of them, as they are shown."""
    shown = {name: getattr(settings, name) for name in settings.__struct_fields__}
    assert read_settings(shown) == settings
