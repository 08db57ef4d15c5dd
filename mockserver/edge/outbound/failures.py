"""What went wrong, in Twilio's alert codes and in a sentence.

Source of the codes: Twilio's error dictionary, 11200 to 11237.
"""

import errno
import socket
from collections.abc import Callable, Mapping
from ssl import SSLCertVerificationError, SSLContext
from typing import Final

import aiohttp

from mockserver.edge.outbound.connector import Forbidden
from mockserver.edge.outbound.wire import Headers
from mockserver.world.ports import Limits, Outlying, Unreachable

CERTIFICATES: Final[Mapping[int, int]] = {9: 11236, 10: 11236, 62: 11235, 64: 11235}
"""OpenSSL's X509_V_ERR (not yet valid, expired, other name, other address) to the alert code."""

SYSTEM: Final[Mapping[int, int]] = {errno.ECONNREFUSED: 11202, errno.ETIMEDOUT: 11201}
"""The system's error for a connection that was not made, to the alert code; others are 11205."""


CONTAINED: Final = (
    " In a container loopback is the container itself: "
    "`--webhook-map localhost=host.docker.internal` leads out of it."
)
"""What to say beside a refused connection to loopback."""

DOCKER: Final = (
    " (Docker on Linux knows this name in containers started with "
    "`--add-host=host.docker.internal:host-gateway`.)"
)
"""What to say where `host.docker.internal` is not known."""


def explain(
    problem: Exception,
    where: str,
    limits: Limits,
    *,
    connecting: bool,
    sent: Headers = (),
    hint: str = "",
) -> Unreachable:
    """Say what went wrong.

    `where` is host and port; `sent` is ignored while the connection was not there; `hint` is added
    where the connection was refused.
    """
    if isinstance(cause := problem.__cause__, Forbidden):
        if cause.outlying:
            return Outlying(str(cause), cause.host)
        return Unreachable(str(cause), code=11200, phase="refused")
    code, said = _timing(problem, limits, connecting) or _diagnosis(problem)
    said = " ".join(said.split())  # what a library says may have lines
    return Unreachable(
        f"{where}: {said}{hint if code == 11202 else ''}",
        code=code,
        phase="connect" if connecting else "read",
        sent_headers=() if connecting else sent,
    )


def _timing(problem: Exception, limits: Limits, connecting: bool) -> tuple[int, str] | None:
    if not isinstance(problem, TimeoutError):
        return None
    if not isinstance(problem, aiohttp.ServerTimeoutError):
        waiting = "no connection" if connecting else "no complete answer"
        return 11203, f"{waiting} within the {limits.total:.3g} s left for all attempts together"
    if connecting:
        return 11201, f"no connection within {limits.connect:g} s"
    return 11200, f"no answer within {limits.read:g} s of waiting"


def _diagnosis(problem: Exception) -> tuple[int, str]:
    for kind, told in _KINDS:
        if isinstance(problem, kind):
            return told(problem)
    return 11200, f"the request failed ({type(problem).__name__}: {problem})"


def _certificate(problem: aiohttp.ClientConnectorCertificateError) -> tuple[int, str]:
    cause = problem.certificate_error
    if isinstance(cause, SSLCertVerificationError):
        code = CERTIFICATES.get(cause.verify_code, 11237)
        return code, f"its certificate is not accepted: {cause.verify_message}"
    return 11220, f"its certificate is not accepted: {cause}"


def _connection(problem: aiohttp.ClientConnectorError) -> tuple[int, str]:
    cause = problem.os_error
    if isinstance(cause, socket.gaierror):
        hint = DOCKER if problem.host == "host.docker.internal" else _elsewhere(problem)
        return 11210, f"the host name is not known ({cause.strerror}){hint}"
    number = cause.errno or _common_errno(str(cause))
    if number == errno.ECONNREFUSED:
        return 11202, "the connection was refused; is the application running on this port?"
    return SYSTEM.get(number, 11205), f"no connection ({cause.strerror or cause})"


def _elsewhere(problem: aiohttp.ClientConnectorError) -> str:
    scheme, usual = ("https", 443) if isinstance(problem.ssl, SSLContext) else ("http", 80)
    port = "" if problem.port == usual else f":{problem.port}"
    start = f"{scheme}://{problem.host}{port}"
    return f"; `--webhook-map {start}=http://localhost:PORT` calls an application here instead"


def refused(problem: Exception) -> bool:
    """Whether somebody was there to say that nobody listens."""
    return isinstance(problem, aiohttp.ClientConnectorError) and _diagnosis(problem)[0] == 11202


def _common_errno(text: str) -> int:
    """What several attempts ended in: the event loop joins their texts and drops the number."""
    return next((number for number in SYSTEM if f"[Errno {number}]" in text), 0)


_KINDS: Final[tuple[tuple[type[Exception], Callable[..., tuple[int, str]]], ...]] = (
    (aiohttp.ClientConnectorCertificateError, _certificate),
    (aiohttp.ClientSSLError, lambda problem: (11220, f"TLS cannot be set up: {problem.os_error}")),
    (aiohttp.ClientConnectorError, _connection),
    (aiohttp.ClientResponseError, lambda problem: (11206, f"not an HTTP answer: {problem}")),
    (aiohttp.ClientPayloadError, lambda problem: (11206, f"a broken answer: {problem}")),
    (aiohttp.InvalidURL, lambda problem: (11100, f"not a URL: {problem}")),
    (aiohttp.ClientError, lambda _: (11205, "the connection was closed before an answer came")),
    (OSError, lambda problem: (11205, f"the connection failed ({problem})")),
    (ValueError, lambda problem: (11100, f"this cannot be sent: {problem}")),
)
"""Kind of exception, and how it is told; the first that fits."""
