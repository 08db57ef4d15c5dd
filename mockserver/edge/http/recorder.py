"""Writes API calls into the journal of their sandbox, without their secrets."""

from typing import Final

from multidict import CIMultiDict

from mockserver.edge.http.auth import masked
from mockserver.edge.http.call import Reply
from mockserver.edge.http.reply import head_of
from mockserver.edge.http.visit import Visit
from mockserver.world.journal import BODY_KEPT, RequestEntry
from mockserver.world.sandbox import Sandbox

_SECRET: Final = b"authorization"
_SECRET_LENGTH: Final = len(_SECRET)


def record(
    sandbox: Sandbox,
    entry_id: str,
    visit: Visit,
    reply: Reply,
    request_id: str,
    duration: float,
) -> None:
    """One entry; bodies are cut at 4 kB."""
    request = visit.request
    entry = RequestEntry(
        id=entry_id,
        at=sandbox.clock.now(),
        method=request.method,
        host=_text(visit.host),
        path=raw if (raw := request.raw_path).startswith("/") else _target(visit),
        operation=visit.operation,
        account_sid=visit.account_sid,
        headers=[
            (pair[0], masked(pair[1]))
            if len(pair[0]) == _SECRET_LENGTH and pair[0].lower() == _SECRET
            else pair
            for pair in request.raw_headers
        ],
        content_type=_text(request.headers.get("Content-Type", "")),
        body=visit.kept_body,
        body_length=len(visit.body),
        status=reply.status,
        domain=visit.where.domain,
        request_id=request_id,
        concurrent=visit.concurrent,
        reply_type=reply.content_type,
        reply_headers=reply.headers,
        reply_body=(_blotted(reply) if reply.secrets else reply.body)[:BODY_KEPT],
        reply_length=len(reply.body),
        duration=duration,
        fault=visit.fault,
        error=reply.error,
        warnings=visit.warnings,
        served=visit.served,
    )
    if visit.spoiled is not None:
        entry = visit.spoiled.told(entry)
    sandbox.journal.record_request(entry)


def _target(visit: Visit) -> str:
    """Path and query of a request that named the whole URL, as one for a proxy does."""
    return f"{visit.path}?{visit.query}" if visit.query else visit.path


def _blotted(reply: Reply) -> bytes:
    """The body with `***` for each secret that is a whole value, of JSON or of XML."""
    body = reply.body
    for secret in filter(None, reply.secrets):
        for before, after in ((b'"', b'"'), (b">", b"<")):
            body = body.replace(before + secret.encode() + after, before + b"***" + after)
    return body


def _text(header: str) -> str:
    """A header as text that can be written: its bytes as UTF-8, U+FFFD for what is none."""
    if header.isascii():
        return header
    return header.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def reply_of(entry: RequestEntry) -> tuple[Reply, CIMultiDict[str]]:
    """The answer that an entry tells of, with its headers as they were sent."""
    reply = Reply(
        entry.status,
        entry.reply_body,
        error=entry.error,
        headers=entry.reply_headers,
        content_type=entry.reply_type,
    )
    head = head_of(reply, entry.domain, entry.request_id, entry.concurrent, entry.duration)
    lines = head.split("\r\n")[1:-2]
    headers = CIMultiDict(_split(line) for line in lines)
    if entry.fault:
        headers.update(entry.reply_headers)  # a fault's own stand in place of the usual ones
    return reply, headers


def _split(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name, value
