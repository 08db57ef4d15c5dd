"""`ca`: the certificate of the mock's CA, or the bundle with the system's roots."""

import sys
from collections.abc import Sequence
from pathlib import Path

from mockserver.cli.options import Failure, Parser, rows
from mockserver.config import Loaded

ABOUT = (
    "Print the certificate that programs must trust to speak TLS with the mock. It is this user's "
    "own, made at first use; with --url the one of a running server."
)


def run(words: Sequence[str]) -> int:
    """Print it, or write it into a file."""
    parser = Parser("ca [--out FILE] [--bundle] [options]", ABOUT, rows("config", "url", "ca-dir"))
    parser.add_argument("--out", metavar="FILE", help="where to write it, in place of the screen")
    parser.add_argument("--bundle", action="store_true", help="the system's roots as well")
    loaded, given = parser.read(words)
    asked = loaded.origins["url"] != "default"
    text = _asked(loaded, given.bundle) if asked else _kept(loaded, given.bundle)
    if not given.out:
        sys.stdout.write(text.decode())
        return 0
    try:
        Path(given.out).write_bytes(text)
    except OSError as problem:
        raise Failure(f"cannot write {given.out}: {problem.strerror or problem}") from None
    return 0


def _kept(loaded: Loaded, bundle: bool) -> bytes:
    """Out of the user's folder, where it is made if it is not there."""
    from mockserver.edge.tls.authority import moment
    from mockserver.edge.tls.bundle import bundled, system_roots
    from mockserver.edge.tls.vault import folder_of
    from mockserver.world.clock import parse_instant

    try:
        found = folder_of(loaded.settings.ca_dir).authority(moment(parse_instant("now"))).public
    except OSError as problem:
        where = f" in {problem.filename}" if problem.filename else ""
        raise Failure(
            f"the CA cannot be kept{where} ({problem.strerror or problem}): name another folder "
            "with --ca-dir, or ask a running server with --url"
        ) from None
    return bundled(system_roots(), found) if bundle else found


def _asked(loaded: Loaded, bundle: bool) -> bytes:
    from urllib.error import URLError
    from urllib.request import ProxyHandler, build_opener

    url = f"{loaded.target.url}/_mock/{'ca-bundle' if bundle else 'ca'}.pem"
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=10) as answer:
            text: bytes = answer.read()
            return text
    except (URLError, OSError) as problem:
        raise Failure(f"{url} does not answer: {getattr(problem, 'reason', problem)}") from None
