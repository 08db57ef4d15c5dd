"""The plain request that each kind begins with, and why it was not accepted."""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from mockserver.edge.probe.bench import Bench, Gate
from mockserver.edge.probe.drafts import Draft
from mockserver.edge.probe.forgeries import STRANGER
from mockserver.edge.probe.manners import FORWARDED, https, other_port


def _other_slash(url: str) -> str:
    """The same address with the slash at the end of its path taken away, or put there."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/") if parts.path.endswith("/") else f"{parts.path}/"
    return urlunsplit(parts._replace(path=path))


def _without_query(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(query=""))


INSTEAD: Final[Mapping[str, Callable[[Draft], Draft]]] = {
    "it is not signed at all": lambda draft: draft.but(signature=None),
    "it is signed with a wrong token": lambda draft: draft.but(key=STRANGER),
    "it is signed for https://": lambda draft: draft.but(signed_url=https(draft.url)),
    "it is signed for https:// and says X-Forwarded-Proto: https": lambda draft: draft.but(
        signed_url=https(draft.url), headers=FORWARDED
    ),
    "it is signed for another port": lambda draft: draft.but(signed_url=other_port(draft.url)),
    "the slash at the end of its path is signed otherwise": lambda draft: draft.but(
        signed_url=_other_slash(draft.url)
    ),
    "its query is not signed": lambda draft: draft.but(signed_url=_without_query(draft.url)),
    "its parameters are not signed": lambda draft: draft.but(signed_params=()),
}
"""Wrong ways to sign, one of which an application may expect, in words for "accepted when…"."""


async def knock(bench: Bench) -> Gate:
    """Send the plain request; what fails is tried again, what is refused in other ways."""
    draft = bench.draft()
    heard = await bench.send(draft)
    if heard.status >= 500:
        return Gate(heard, again=await bench.send(draft))
    if heard.status >= 400:
        return Gate(heard, instead=await _instead(bench))
    return Gate(heard)


async def _instead(bench: Bench) -> str:
    right = bench.draft().shot().signature
    for words, twist in INSTEAD.items():
        shot = twist(bench.draft()).shot()
        if shot.signature != right and (await bench.send(shot)).ok:
            return words
    return ""
