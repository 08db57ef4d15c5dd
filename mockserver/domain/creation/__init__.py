"""May this message be made? The checks of the create call that a schema cannot make.

`Draft` is what a check looks at. `EARLY` checks compete with the schema's breaches, by
`errors.rank`; the `LATE` ones come after, in their order, which is that of
`errors.VALIDATION_ORDER`. Most messages have a sender, a text and no more, most accounts no limits,
and most sandboxes no switches set: `Checks` leaves out what then cannot find anything.
"""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from mockserver.domain.creation import content, ends, quotas, recipients, schedule, senders
from mockserver.domain.creation.draft import Check, Draft, Known
from mockserver.domain.errors import Problem, rank
from mockserver.domain.options import Options

__all__ = ["EARLY", "LATE", "Check", "Checks", "Draft", "Known", "Row", "examine"]


class Row(msgspec.Struct, frozen=True):
    """A check, and without what it finds nothing."""

    check: Check
    special: bool = False
    """Whether it is about a parameter that is not in `PLAIN`, or an account with limits."""
    switch: Callable[[Options], object] = lambda options: True
    """Whether the options in force make it of use."""


PLAIN: Final = frozenset({"To", "From", "MessagingServiceSid", "Body", "StatusCallback"})
"""The parameters of a message that has a sender, a text and no more."""

EARLY: Final = (
    Row(content.sender_given, special=True),
    Row(content.content_given, special=True),
    Row(content.body_fits),
    Row(content.media_fits, special=True),
    Row(content.template_known, special=True),
    Row(content.variables_fit, special=True),
    Row(content.fallback_fits, special=True),
    Row(senders.application, special=True),
)


def _strict(options: Options) -> bool:
    return options.senders == "strict"


LATE: Final = (
    Row(schedule.fits, special=True),
    Row(ends.sender_form),
    Row(ends.same_channel),
    Row(senders.on_channel, switch=_strict),
    Row(ends.recipient_form),
    Row(content.template_fits, special=True),
    Row(ends.magic_recipient),
    Row(ends.recipient_kind),
    Row(senders.owned, switch=_strict),
    Row(senders.magic),
    Row(senders.alphanumeric),
    Row(senders.service),
    Row(recipients.verified, special=True),
    Row(recipients.permitted, special=True),
    Row(recipients.subscribed),
    Row(recipients.reachable),
    Row(senders.pool, switch=lambda options: options.service_refusals == "at_once"),
    Row(quotas.within, switch=lambda options: options.daily_messages or options.total_messages),
    Row(senders.queue),
)


class Checks(msgspec.Struct, frozen=True):
    """The checks that can find something under the options in force."""

    early: tuple[Check, ...]
    late: tuple[Check, ...]
    plain_early: tuple[Check, ...]
    """Those for a message with the parameters `PLAIN`, of an account without limits."""
    plain_late: tuple[Check, ...]

    @classmethod
    def of(cls, options: Options) -> "Checks":
        def chosen(rows: Iterable[Row], *, plain: bool) -> tuple[Check, ...]:
            useful = (row for row in rows if row.switch(options))
            return tuple(row.check for row in useful if not (plain and row.special))

        parts = (chosen(rows, plain=plain) for plain in (False, True) for rows in (EARLY, LATE))
        return cls(*parts)


def examine(draft: Draft, breaches: Iterable[Problem], checks: Checks | None = None) -> None:
    """Pass, or raise the `TwilioError` that wins over all others that apply."""
    checks = checks or Checks.of(draft.options)
    form = draft.form
    sent = "From" in form or "MessagingServiceSid" in form
    plain = sent and "Body" in form and form.keys() <= PLAIN and draft.account.unlimited
    early = [
        problem
        for check in (checks.plain_early if plain else checks.early)
        if (problem := check(draft)) is not None
    ]
    early += breaches
    if early:
        raise draft.refuse(min(early, key=lambda problem: rank(problem.code)))
    for check in checks.plain_late if plain else checks.late:
        if (problem := check(draft)) is not None:
            raise draft.refuse(problem)
