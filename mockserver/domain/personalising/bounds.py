"""Liquid that cannot hang, grow without end, read files or ask the wall clock.

The library limits loops that stand in one another, output and local variables. Here every render
also has one purse of work, out of which loops, ranges and filters are paid, and the filters that
multiply are asked first what they would make.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final, TextIO

from dateutil import parser as dates
from liquid import BoundTemplate, Environment, RenderContext
from liquid.builtin.filters.misc import date as library_date
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.filter import with_context
from liquid.output import LimitedStringIO
from liquid.utils import ReadOnlyChainMap

from mockserver.domain.limits import BODY_LIMIT
from mockserver.domain.personalising.template import SOURCE_LIMIT

OUTPUT_LIMIT: Final = 3 * BODY_LIMIT
"""Bytes of UTF-8 that a template writes: no text within Twilio's limit has more."""

VALUE_LIMIT: Final = SOURCE_LIMIT
"""Characters, digits or a quarter of the items that a filter takes or makes. Ours."""

LOCALS_LIMIT: Final = 200_000
"""Bytes of what `assign` and `capture` hold, as the library counts them. Ours."""

WORK_LIMIT: Final = 250_000
"""What one render may do: characters handled by filters, and characters of template looped over.

Ours; a quarter of a second at the worst. A template of 200 characters may loop 1,250 times.
"""

DATE_LIMIT: Final = 100
"""Characters of a date. Ours."""

Filter = Callable[..., Any]


class Spent(LiquidError):
    """The template does more than any message needs."""

    def __init__(self, said: str) -> None:
        super().__init__(said, token=None)


class TooLarge(Spent):
    """A value grew beyond what a message can hold."""


class Bounded(RenderContext):
    """One render, with its purse of work. `now` and `today` are variables like any others."""

    __slots__ = ("work",)

    template: "Sheet"

    def __init__(self, template: BoundTemplate, **options: Any) -> None:
        super().__init__(template, **options)
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)
        self.work = WORK_LIMIT

    def spend(self, work: int) -> None:
        """Pay for `work`; raise `Spent` when there is not as much left."""
        self.work -= work
        if self.work < 0:
            raise Spent("the template does too much work")

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """Pay for a loop as it begins, inner loops each time they do."""
        self.spend(length * self.template.weight)

    def assign(self, key: str, val: Any) -> None:
        """Pay for it: the library measures all variables each time one is set."""
        self.spend(1 + len(self.locals))
        super().assign(key, val)

    def get_buffer(self, buf: TextIO | None = None) -> LimitedStringIO:
        """A buffer of what is left of the output's limit."""
        taken = buf.size if isinstance(buf, LimitedStringIO) else 0
        return paper(OUTPUT_LIMIT - taken)


def paper(limit: int = OUTPUT_LIMIT) -> LimitedStringIO:
    """What is written on; it keeps line ends as they are, which the library's own does not."""
    return LimitedStringIO(limit, None, "\n")


class Sheet(BoundTemplate):
    """A parsed template."""

    context_class = Bounded
    moment: datetime
    """What `'now'` is."""
    weight: int
    """Characters of the source: what one turn of a loop may cost."""

    def write(self, variables: Mapping[str, str]) -> str:
        """Render; raises whatever the library and its filters raise."""
        buffer = paper()
        self.render_with_context(Bounded(self, globals=variables), buffer)
        return buffer.getvalue()


class Closed(Environment):
    """The language, without the tags that load other templates."""

    template_class = Sheet
    output_stream_limit = OUTPUT_LIMIT
    local_namespace_limit = LOCALS_LIMIT

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """The library's own, each filter within bounds."""
        super().setup_tags_and_filters(extra=extra)
        for loading in ("include", "render"):
            del self.tags[loading]
        for name, function in self.filters.items():
            if name not in _HARMLESS:
                self.filters[name] = _bounded(function, _COSTS.get(name, _plain))
        self.filters["date"] = _date


_HARMLESS: Final = frozenset({"default", "size", "first", "last"})
"""Filters that neither work nor make anything."""


def _plain(size: int, left: object, arguments: tuple[object, ...]) -> int:
    """Work of a filter that goes over its input once."""
    return size


def _square(size: int, left: object, arguments: tuple[object, ...]) -> int:
    """Of one that compares everything with everything, or whose parser may go back."""
    return size * size // 16


def _replacing(size: int, left: object, arguments: tuple[object, ...]) -> int:
    """Of `replace`: the size of what would come of it."""
    sought, put = (*map(str, arguments), "", "")[:2]
    return _within(size + str(left).count(sought) * len(put))


def _joining(size: int, left: object, arguments: tuple[object, ...]) -> int:
    """Of `join`, likewise."""
    items = len(left) if isinstance(left, list | tuple | range) else 1
    return _within(size + items * len(str((*arguments, " ")[0])))


Cost = Callable[[int, object, tuple[object, ...]], int]

_COSTS: Final[Mapping[str, Cost]] = {
    "join": _joining,
    "replace": _replacing,
    "strip_html": _square,
    "uniq": _square,
}


def _bounded(function: Filter, cost: Cost) -> Filter:
    """`function`, paid for, with its input and output within `VALUE_LIMIT`."""
    environment = getattr(function, "with_environment", False)

    @wraps(function)
    def within(left: object, *arguments: object, context: Bounded, **named: object) -> object:
        size = _within(sum(map(_size, (left, *arguments, *named.values()))))
        context.spend(1 + cost(size, left, (*arguments, *named.values())))
        if environment:
            named["environment"] = context.env
        made = function(left, *arguments, **named)
        _within(_size(made))
        return made

    within.with_environment = False  # type: ignore[attr-defined]
    return with_context(within)


def _size(value: object) -> int:
    """Characters, digits, or four for each item of a list and what is in it."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, range):
        return 4 * max(0, value.stop - value.start)
    if isinstance(value, list | tuple):
        return sum(map(_size, value)) + 4 * len(value)
    return value.bit_length() // 3 if isinstance(value, int) else 1


def _within(size: int) -> int:
    if size > VALUE_LIMIT:
        raise TooLarge("a value is too long")
    return size


class Stop(Expression):
    """The upper end of a range, which is paid for before anything is made of it."""

    __slots__ = ("start", "stop")

    def __init__(self, start: Expression, stop: Expression) -> None:
        super().__init__(stop.token)
        self.start = start
        self.stop = stop

    def __str__(self) -> str:
        return str(self.stop)

    def evaluate(self, context: RenderContext) -> object:
        """The end; raises `Spent` for a range that costs more than is left."""
        start, stop = self.start.evaluate(context), self.stop.evaluate(context)
        if isinstance(context, Bounded):
            context.spend(max(0, _whole(stop) - _whole(start)))
        return stop

    def children(self) -> list[Expression]:
        """What the library's analysis looks into."""
        return [self.stop]


def _whole(value: object) -> int:
    """A bound as the library reads it: 0 for what is no number."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError):
        return 0


@with_context
def _date(left: object, form: object, *, context: Bounded) -> object:
    """The library's `date`, with the sandbox's time for `'now'` and UTC for what has no zone."""
    if isinstance(left, str | int) and len(str(left)) <= DATE_LIMIT and isinstance(form, str):
        context.spend(10 * DATE_LIMIT + len(form))
        when = _moment(str(left).strip(), context.template.moment)
        if when is None:
            return str(left)
        seconds = str(int(when.timestamp()))
        form = re.sub("%([%s])", lambda sign: seconds if sign[1] == "s" else "%%", form)
        left = when
    return library_date(left, form, environment=context.env)


def _moment(text: str, now: datetime) -> datetime | None:
    """A date as people write it, Unix seconds, `now` or `today`; None for anything else."""
    if text in ("now", "today"):
        return now
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        read: datetime = dates.parse(text, default=midnight, ignoretz=True)
        return read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
