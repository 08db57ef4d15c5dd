"""`env`: the environment of programs under test, for a shell."""

import os
import shlex
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Final

from mockserver.cli.client import TARGET, reachable
from mockserver.cli.options import Failure, Parser, rows
from mockserver.environment import Mock, at_home, for_programs

if TYPE_CHECKING:
    from mockserver.config import Target

ABOUT: Final = (
    "Print the environment that has programs talk to a running server, as export lines: "
    'eval "$(twilio-mockserver env)"'
)


def env(words: Sequence[str]) -> int:
    """Print `export` lines; the server is asked for its CA."""
    loaded, _ = Parser("env [options]", ABOUT, rows(*TARGET)).read(words)
    for name, value in _variables(reachable(loaded.target)).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _variables(target: "Target") -> dict[str, str]:
    """Raises `Failure` without a server, or without a place for the files of its CA."""
    from mockserver.handles.connection import ControlClient, Pool
    from mockserver.handles.errors import ControlError, ServerGone
    from mockserver.trust import java_store, trusted

    try:
        with closing(Pool(target.url)) as pool:
            files = trusted(ControlClient(pool).text("/ca.pem"), os.environ)
        java = java_store(files)
    except (ServerGone, ControlError, ValueError) as problem:
        raise Failure(
            f"{problem}; start a server with `twilio-mockserver`, or name another with --url"
        ) from None
    except OSError as problem:
        raise Failure(f"the mock's CA cannot be handed out: {problem}") from None
    sid, token = target.account_sid, target.auth_token
    mock = Mock(target.url, sid, token, files.certificate, files.bundle, files.extra)
    return for_programs(mock, at_home(os.environ), java)
