"""What the library's parse tree tells: variables without a default, and whether it is simple."""

from collections.abc import Iterable, Iterator

from liquid import BoundTemplate
from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path, StringLiteral
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import OutputNode
from liquid.context import RenderContext
from liquid.expression import Expression

from mockserver.domain.personalising.bounds import Stop
from mockserver.domain.personalising.template import Joined, Unreadable, line_of


def guard_ranges(template: BoundTemplate) -> None:
    """Put a guard on every range, so that none is larger than what a render may spend."""
    for expression in _expressions(template):
        if isinstance(expression, RangeLiteral):
            expression.stop = Stop(expression.start, expression.stop)


def check_filters(template: BoundTemplate) -> None:
    """Raise `Unreadable` for a filter that there is not; the library would while rendering."""
    for expression in _expressions(template):
        for one in (isinstance(expression, FilteredExpression) and expression.filters) or ():
            if one.name not in template.env.filters:
                line = line_of(one.token.source, one.token.start_index)
                raise Unreadable(f"unknown filter '{one.name}' (line {line})")


def bare_variables(template: BoundTemplate) -> tuple[str, ...]:
    """Variables put out, assigned or handed to a filter where no `default` stands for them.

    Those of conditions and loops are not among them: no filter can stand there.
    """
    bare = {path.token.start_index for path in _without_default(template)}
    return tuple(
        name
        for name, places in template.analyze(include_partials=False).globals.items()
        if any(place.span.index in bare for place in places)
    )


def _without_default(template: BoundTemplate) -> Iterator[Path]:
    for expression in _expressions(template):
        if isinstance(expression, FilteredExpression):
            filters = expression.filters or []
            first, *arguments = expression.children()
            if not any(one.name == "default" for one in filters):
                arguments.append(first)
            yield from (path for path in _below(arguments) if isinstance(path, Path))


def simple(template: BoundTemplate) -> Joined | None:
    """The same without the library, where all is text, `{{ name }}` or `| default: 'text'`."""
    pieces: list[tuple[str, str, str]] = []
    text = ""
    for node in template.nodes:
        slot = _slot(node)
        if isinstance(node, ContentNode):
            text += node.text
        elif slot:
            pieces.append((text, *slot))
            text = ""
        else:
            return None
    return Joined(tuple(pieces), text)


def _slot(node: Node) -> tuple[str, str] | None:
    """A variable and what stands for it when it is absent or empty."""
    expression = node.expression if isinstance(node, OutputNode) else None
    if not isinstance(expression, FilteredExpression) or not isinstance(expression.left, Path):
        return None
    name, *inner = expression.left.path
    otherwise = _otherwise(expression)
    if inner or not isinstance(name, str) or otherwise is None:
        return None
    return str(name), otherwise


def _otherwise(expression: FilteredExpression) -> str | None:
    """The text of its one `default`, "" where it has no filter; None for anything else."""
    match expression.filters:
        case None | []:
            return ""
        case [only] if only.name == "default" and len(only.args) == 1:
            value = only.args[0].value
            named = getattr(only.args[0], "name", None)
            return value.value if isinstance(value, StringLiteral) and not named else None
        case _:
            return None


def _expressions(template: BoundTemplate) -> Iterator[Expression]:
    """Every expression of every node, at any depth."""
    context = RenderContext(template)
    for node in _nodes(template.nodes, context):
        yield from _below(node.expressions())


def _nodes(nodes: Iterable[Node], context: RenderContext) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _nodes(node.children(context, include_partials=False), context)


def _below(expressions: Iterable[Expression]) -> Iterator[Expression]:
    for expression in expressions:
        yield expression
        yield from _below(expression.children())
