"""`probe`: try somebody's webhook as Twilio would, and as others might."""

import json
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mockserver.cli.options import Failure, Parser, UsageError, rows
from mockserver.config import Loaded
from mockserver.interruption import INTERRUPTED

if TYPE_CHECKING:
    from mockserver.edge.probe.exchange import Order
    from mockserver.edge.probing import Prober
    from mockserver.handles.probing import ProbeReport

USAGE: Final = "probe URL [options]"
ABOUT: Final = (
    "Try a webhook: what Twilio may send it must take, what only others would send it must "
    "refuse. No server is needed. Exit status 1 when a probe fails."
)

SETTINGS: Final = ("config", "account-sid", "auth-token", "webhook-map", "webhook-allow")

COLOURS: Final = {"failed": "31", "note": "33", "passed": "32", "skipped": "2"}
"""ANSI, by outcome."""

LONGEST: Final = 60
"""Seconds that an answer may be waited for."""

FAILED: Final = 1


def run(words: Sequence[str]) -> int:
    """Probe, print the report, write the files asked for."""
    parser = _parser()
    loaded, given = parser.read(words)
    order, prober = _order(loaded, given), _prober(loaded, given.url)
    document, interrupted = _probed(order, prober)
    from mockserver.handles.probing import ProbeReport

    report = ProbeReport.of(document)
    try:
        if given.json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            print(report.text(_paint) if sys.stdout.isatty() else report)
    finally:  # also where nobody reads on
        if given.junit:
            _write(given.junit, report)
    return INTERRUPTED if interrupted else 0 if report.ok else FAILED


def _parser() -> Parser:
    parser = Parser(USAGE, ABOUT, rows(*SETTINGS))
    parser.add_argument("url", metavar="URL", help="the webhook, as it is configured at Twilio")
    parser.add_argument(
        "--kind",
        choices=("status", "inbound", "all"),
        default="all",
        help="what it is for (default: all, which tries both)",
    )
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=15.0,
        metavar="SECONDS",
        help="wait so long for an answer (default: 15, as Twilio does)",
    )
    parser.add_argument("--junit", metavar="FILE", help="write the findings there as JUnit XML")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST:
        raise ArgumentTypeError(f"take a number of seconds up to {LONGEST}, not {text!r}")
    return seconds


def _order(loaded: Loaded, given: Namespace) -> "Order":
    from mockserver.edge.probing import order

    target = loaded.target
    asked = {"url": given.url, "kind": given.kind, "timeout": given.timeout}
    return order({"account_sid": target.account_sid, "auth_token": target.auth_token, **asked})


def _prober(loaded: Loaded, url: str) -> "Prober":
    """One that may call the host that was named; raises `UsageError` for what is no URL."""
    from mockserver.edge.http.place import take_apart
    from mockserver.edge.probing import Prober
    from mockserver.server import contained
    from mockserver.world.ports import Unreachable

    try:
        host = take_apart(url).host
    except Unreachable as problem:
        raise UsageError(problem.reason) from None
    settings = loaded.settings
    try:
        allow = (*settings.webhook_allow, host)
        return Prober(allow, settings.webhook_map, contained=contained())
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong


def _probed(order: "Order", prober: "Prober") -> tuple[dict[str, Any], bool]:
    """The report, and whether Ctrl-C came before its end; before its beginning it is raised."""
    import asyncio

    found: list[dict[str, Any]] = []

    async def probe() -> None:
        async with prober.run(order) as run:
            try:
                await run.run()
            finally:
                found.append(run.report())

    try:
        asyncio.run(probe())
    except KeyboardInterrupt:
        if not found:
            raise
        return found[0], True
    return found[0], False


def _write(path: str, report: "ProbeReport") -> None:
    from mockserver.cli.junit import junit

    try:
        Path(path).write_bytes(junit(report))
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}") from error


def _paint(word: str, outcome: str) -> str:
    return f"\x1b[{COLOURS[outcome]}m{word}\x1b[0m"
