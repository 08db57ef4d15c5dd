"""Probes that send what Twilio did not sign. Each must be turned away."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from msgspec.structs import replace

from mockserver.domain.forms import add_query
from mockserver.domain.signature import sign
from mockserver.edge.probe.bench import Bench
from mockserver.edge.probe.drafts import Draft, json_shot
from mockserver.edge.probe.record import Check, Need, Probe, refuses
from mockserver.edge.probe.verdicts import Verdict, refused

REFUSES: Final = "Refuses: 403, or another 4xx."
NEVER: Final = "Never sends this. Whoever does is not Twilio."
VALIDATE: Final = (
    "Check every request with your library's RequestValidator (URL, all parameters, "
    "X-Twilio-Signature) before anything else, and answer 403 where it says no."
)
DEFEND: Final = "Treat a header that cannot be read as a wrong one: answer 403, do not raise."

STRANGER: Final = "00000000000000000000000000000bad"
"""An Auth Token that is nobody's."""


def other_host(url: str) -> str:
    """The same path on another host."""
    return urlunsplit(urlsplit(url)._replace(netloc="elsewhere.example"))


def other_path(url: str) -> str:
    """Another path on the same host."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/other"))


def _unsigned(draft: Draft) -> Draft:
    return draft.but(signature=None)


def _signed_as(text: str) -> Callable[[Draft], Draft]:
    return lambda draft: draft.but(signature=text)


def _removed(draft: Draft) -> Draft:
    return draft.tampered({"ApiVersion": None})


def _changed(draft: Draft) -> Draft:
    return draft.tampered({"From": "+15005550001"})


def _added(draft: Draft) -> Draft:
    return draft.tampered({"Admin": "true"})


def _smuggled(draft: Draft) -> Draft:
    """A second value of a name that is there."""
    return draft.but(params=(*draft.params, ("From", "+15005550001")), signed_params=draft.params)


def _url_only(draft: Draft) -> Draft:
    return draft.but(signed_params=())


def _other_query(draft: Draft) -> Draft:
    return draft.but(url=add_query(draft.url, (("account", "2"),)), signed_url=draft.url)


async def replay(bench: Bench) -> Verdict:
    """An honest request, then its signature on another message."""
    first = bench.draft()
    await bench.send(first)
    signature = sign(first.url, first.params, first.key)
    return refused(await bench.send(bench.draft().but(signature=signature)))


async def bare_json(bench: Bench) -> Verdict:
    """JSON whose digest is not in the URL, and so not in the signature."""
    shot = json_shot(bench.draft(), b'{"MessageStatus": "x"}')
    forged = replace(shot, url=bench.order.url, signature="Zm9yZ2Vk")
    return refused(await bench.send(forged))


def _forgery(
    probe: str,
    title: str,
    sent: str,
    check: Check,
    fix: str = VALIDATE,
    *,
    needs: Need = "acceptance",
) -> Probe:
    return Probe(probe, title, sent, REFUSES, NEVER, fix, check, needs=needs)


PROBES: Final = (
    _forgery(
        "missing-signature",
        "A request without a signature is refused",
        "An ordinary webhook without the header X-Twilio-Signature.",
        refuses(_unsigned),
        needs="answers",
    ),
    _forgery(
        "empty-signature",
        "An empty signature is refused",
        "An ordinary webhook whose X-Twilio-Signature is empty.",
        refuses(_signed_as("")),
    ),
    _forgery(
        "garbage-signature",
        "A signature that is no base64 is refused",
        "An ordinary webhook whose X-Twilio-Signature is `%%%not*base64`.",
        refuses(_signed_as("%%%not*base64")),
        DEFEND,
    ),
    _forgery(
        "non-ascii-signature",
        "A signature beyond ASCII is refused",
        "An ordinary webhook whose X-Twilio-Signature holds `ü` and `✓`.",
        refuses(_signed_as("ünsigned✓")),
        f"{DEFEND} Python's hmac.compare_digest raises TypeError for such text: compare bytes.",
    ),
    _forgery(
        "wrong-token",
        "A signature made with another Auth Token is refused",
        "An ordinary webhook, signed with a token that is not the account's.",
        refuses(lambda draft: draft.but(key=STRANGER)),
    ),
    _forgery(
        "tampered-body",
        "A changed parameter is refused",
        "A webhook whose `From` was changed after signing.",
        refuses(_changed),
    ),
    _forgery(
        "added-parameter",
        "A parameter that was not signed is refused",
        "A webhook with a parameter `Admin` that was put in after signing.",
        refuses(_added),
        f"{VALIDATE} Hand it the whole form, not a list of the names you know.",
    ),
    _forgery(
        "removed-parameter",
        "A request that lacks a signed parameter is refused",
        "A webhook whose `ApiVersion` was taken out after signing.",
        refuses(_removed),
    ),
    _forgery(
        "smuggled-value",
        "A second value of a parameter, not signed, is refused",
        "A webhook with a second `From` that was put in after signing.",
        refuses(_smuggled),
        f"{VALIDATE} Hand it the form with all values of a name, not a plain dictionary.",
    ),
    _forgery(
        "url-only-signature",
        "A signature that leaves the form out is refused",
        "A POST signed as if it had no parameters.",
        refuses(_url_only),
        f"{VALIDATE} Hand it the form of the POST, not the query.",
    ),
    _forgery(
        "replayed-signature",
        "The signature of an earlier request is refused on another",
        "An honest webhook; then another message with the signature of the first.",
        replay,
    ),
    _forgery(
        "another-host",
        "A signature for another host is refused",
        "A webhook signed for https://elsewhere.example and the same path.",
        refuses(lambda draft: draft.but(signed_url=other_host(draft.url))),
        f"{VALIDATE} The URL is part of what is signed.",
    ),
    _forgery(
        "another-path",
        "A signature for another path is refused",
        "A webhook signed for a path below the one that is called.",
        refuses(lambda draft: draft.but(signed_url=other_path(draft.url))),
        f"{VALIDATE} Hand it the whole URL, the path included.",
    ),
    _forgery(
        "another-query",
        "A query that was not signed is refused",
        "A webhook with `account=2` put into the query after signing.",
        refuses(_other_query),
        f"{VALIDATE} Hand it the whole URL, the query included.",
    ),
    _forgery(
        "unhashed-json",
        "JSON without its digest in the URL is refused",
        "A JSON body, no `bodySHA256`, and a signature that is made up.",
        bare_json,
        "Refuse what is no form before you validate it; Python's validator raises TypeError.",
    ),
)
