"""Probes of HTTP itself: addresses, methods, bodies, repeats, many at once."""

import asyncio
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from mockserver.domain.forms import add_query
from mockserver.edge.probe.answers import replies
from mockserver.edge.probe.bench import Bench
from mockserver.edge.probe.contents import ACCEPTS, LOST
from mockserver.edge.probe.drafts import Draft, json_shot
from mockserver.edge.probe.exchange import Heard
from mockserver.edge.probe.record import Probe, accepts
from mockserver.edge.probe.verdicts import (
    Verdict,
    accepted,
    answered,
    failed,
    labelled,
    note,
    passed,
    skipped,
    survived,
    worst,
)

AT_ONCE: Final = 20
"""Requests of the probe for concurrency."""

FORWARDED: Final = (("X-Forwarded-Proto", "https"),)
"""What a proxy that ends TLS says."""

SOON: Final = 0.05
"""Seconds after which a request that is to break off does so. Where the application is slow or far
away it is twice what the plain request took, so that the head is there by then."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

RAW_URL: Final = "Validate the URL as it was requested, its query included and not decoded."


def other_port(url: str) -> str:
    """The same address with its port left out, or with the usual one put in."""
    parts = urlsplit(url)
    login, at, place = parts.netloc.rpartition("@")
    host, colon, port = place.rpartition(":")
    if not (colon and port.isdigit()):
        host = f"{place}:{_DEFAULT_PORTS.get(parts.scheme, 443)}"
    return urlunsplit(parts._replace(netloc=f"{login}{at}{host}"))


def https(url: str) -> str:
    """The same address with TLS."""
    return urlunsplit(urlsplit(url)._replace(scheme="https"))


def _queried(draft: Draft) -> Draft:
    return draft.but(url=add_query(draft.url, (("order", "42"), ("step", "2"))))


def _encoded(draft: Draft) -> Draft:
    return _with_raw(draft, "q=two%20words+more&to=%2B1%26%3D")


def _with_raw(draft: Draft, text: str) -> Draft:
    """A query that is signed as it is written."""
    rest, mark, fragment = draft.url.partition("#")
    join = "&" if "?" in rest else "?"
    return draft.but(url=f"{rest}{join}{text}{mark}{fragment}")


async def port(bench: Bench) -> Verdict:
    draft = bench.draft()
    return _hoped_for(await bench.send(draft.but(signed_url=other_port(draft.url))))


async def behind_proxy(bench: Bench) -> Verdict:
    draft = bench.draft()
    if not draft.url.lower().startswith("http://"):
        return skipped("the address is https already")
    return _hoped_for(await bench.send(draft.but(signed_url=https(draft.url), headers=FORWARDED)))


async def raw_query(bench: Bench) -> Verdict:
    return _hoped_for(await bench.send(_with_raw(bench.draft(), "path=a%2Fb&name=J%C3%BCrgen")))


def _hoped_for(heard: Heard) -> Verdict:
    """Best taken; a refusal is worth a note."""
    return survived(heard) or (passed if heard.ok else note)(answered(heard))


async def get(bench: Bench) -> Verdict:
    heard = await bench.send(bench.draft().but(method="GET"))
    if heard.ok:
        return accepted(bench, heard)
    if crash := survived(heard):
        return passed(answered(heard)) if heard.status == 501 else crash
    told = f"{answered(heard)}: the webhook is for POST only"
    return passed(told) if heard.status in (404, 405) else note(told)


async def unsigned_get(bench: Bench) -> Verdict:
    heard = await bench.send(bench.draft().but(method="GET", signature=None))
    if heard.ok and bench.kind == "inbound" and replies(heard) and b"<Response" in heard.body:
        return failed(f"{answered(heard)} with a reply", "insecure")
    return _unknown_method(heard)


async def head(bench: Bench) -> Verdict:
    return _unknown_method(await bench.send(bench.draft().but(method="HEAD", signature=None)))


def _unknown_method(heard: Heard) -> Verdict:
    """501 is no crash: it says that the server does not know the method."""
    return passed(answered(heard)) if heard.status == 501 else _unharmed(heard)


async def json_body(bench: Bench) -> Verdict:
    shot = json_shot(bench.draft(), b'{"property": "value", "boolean": true}')
    return _unharmed(await bench.send(shot))


def _unharmed(heard: Heard) -> Verdict:
    return survived(heard) or passed(answered(heard))


async def duplicate(bench: Bench) -> Verdict:
    draft = bench.draft()
    first, second = await bench.send(draft), await bench.send(draft)
    verdict = worst(
        [
            labelled("the first", accepted(bench, first)),
            labelled("the second", accepted(bench, second)),
        ]
    )
    one, other = replies(first), replies(second)
    if verdict.outcome == "passed" and bench.kind == "inbound" and one != other and one and other:
        return note("the two were answered with different replies, so both were carried out")
    return verdict


async def retry(bench: Bench) -> Verdict:
    draft = bench.draft()
    await bench.wire.abandon(draft.shot(), max(SOON, 2 * bench.gate.heard.seconds))
    return accepted(bench, await bench.send(draft))


async def concurrent(bench: Bench) -> Verdict:
    drafts = [bench.draft() for _ in range(AT_ONCE)]
    heard = await asyncio.gather(*map(bench.send, drafts))
    wrong = [each for each in heard if not each.ok]
    if wrong:
        verdict = accepted(bench, wrong[0])
        return labelled(f"{len(wrong)} of {AT_ONCE}", verdict)
    return worst(accepted(bench, each) for each in heard)


PROBES: Final = (
    Probe(
        "query-string",
        "A query in the address is accepted",
        "A webhook to the address with `order=42&step=2`, signed.",
        ACCEPTS,
        LOST,
        RAW_URL,
        accepts(_queried),
    ),
    Probe(
        "encoded-query",
        "An encoded query is accepted",
        "A webhook to the address with `q=two%20words+more&to=%2B1%26%3D`, signed as it is.",
        ACCEPTS,
        LOST,
        RAW_URL,
        accepts(_encoded),
    ),
    Probe(
        "raw-query",
        "A query is not rewritten before it is validated",
        "A webhook to the address with `path=a%2Fb&name=J%C3%BCrgen`, signed as it is.",
        "Accepts; a refusal is only a note, for those who configure such an address.",
        "Signs the address as it is configured.",
        f"{RAW_URL} Flask's request.url decodes %2F and characters beyond ASCII: join "
        "request.base_url and request.query_string.",
        raw_query,
    ),
    Probe(
        "other-port",
        "A signature without the port, or with the usual one, is accepted",
        "A webhook signed for the address without its port, or with :80 or :443 where it has none.",
        "Accepts; a refusal is only a note.",
        "Signs the address of messaging webhooks as configured, but was never consistent about it.",
        "Use the official validator: it tries both.",
        port,
    ),
    Probe(
        "behind-proxy",
        "Behind a proxy, https is seen",
        "A webhook over http with `X-Forwarded-Proto: https`, signed for https.",
        "Accepts where TLS ends before the application; a refusal is only a note.",
        "Signs https://…, whatever the last step to the application is.",
        "Have the framework trust the proxy (Flask: ProxyFix, Express: trust proxy), or validate "
        "a configured public address.",
        behind_proxy,
    ),
    Probe(
        "get",
        "A GET is accepted, or plainly not served",
        "The parameters in the query of a GET, signed.",
        "Answers 2xx, or 405 where only POST is configured.",
        "Calls with GET only where a webhook is configured so; all parameters are in the URL.",
        "Validate a GET over its URL alone, without parameters, or answer 405.",
        get,
    ),
    Probe(
        "unsigned-get",
        "A GET without a signature does no harm",
        "The parameters in the query of a GET, no signature.",
        "Answers 4xx, or shows a page; it neither crashes nor replies.",
        "Never sends this; crawlers and people with a browser do.",
        "Answer 405 to methods that are not configured, and validate those that are.",
        unsigned_get,
        needs="answers",
    ),
    Probe(
        "head",
        "A HEAD does no harm",
        "A HEAD, no signature.",
        "Answers anything but 5xx.",
        "Never sends this to a webhook; link checkers and monitors do.",
        "Answer 405.",
        head,
        needs="answers",
    ),
    Probe(
        "json-body",
        "A JSON body does no harm",
        "A JSON body, signed through `bodySHA256` in the query.",
        "Answers 2xx, or refuses with 4xx.",
        "Sends JSON for other products only; messaging webhooks are forms.",
        "Answer 400 or 415 to what is no form.",
        json_body,
    ),
    Probe(
        "duplicate-delivery",
        "The same webhook twice is accepted twice",
        "A webhook, and once more the same, `I-Twilio-Idempotency-Token` included.",
        "Answers 2xx both times, and does its work once.",
        "Delivers again when it could not tell whether the first attempt arrived.",
        "Remember the token (or MessageSid and MessageStatus), and answer 2xx to what is known.",
        duplicate,
    ),
    Probe(
        "retry",
        "A retry after a broken attempt is accepted",
        "A request that breaks off before its body; then the whole, with the same token.",
        "Answers 2xx to the retry.",
        "Retries once after a connection failure, more often with #rc= and #rp= in the URL.",
        "Remember a token when its work is done, not when the request begins.",
        retry,
    ),
    Probe(
        "concurrent",
        f"As many as {AT_ONCE} webhooks at once are accepted",
        f"{AT_ONCE} webhooks for as many messages, at the same time.",
        "Answers 2xx to all.",
        "Does not wait for one webhook before it sends the next.",
        "Run more than one worker, keep no lock while answering, and do not limit Twilio's rate.",
        concurrent,
        last=True,
    ),
)
