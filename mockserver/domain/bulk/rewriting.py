"""A send request written again as the JSON that it was, to be examined once more.

So a snapshot's operation has to be one that could have been accepted, by the one set of rules that
there is. The schedule is left out: what was ahead then may be past.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from mockserver.domain.bulk.records import (
    COHORT,
    PROFILE,
    SEVERAL,
    Content,
    Module,
    RecipientBlock,
    Send,
    SenderChoice,
)


def document(send: Send) -> dict[str, Any]:
    """The request without its schedule; raise `ValueError` where the columns cannot be read."""
    sender = {} if send.sender is None else {"from": _sender(send.sender)}
    tags = {"tags": dict(send.tags)} if send.tags else {}
    to = [item for block in send.blocks for item in _recipients(block)]
    return {**sender, "to": to, "content": _content(send.content), **tags}


def _sender(choice: SenderChoice) -> dict[str, Any]:
    if choice.sender_id:
        return {"senderId": choice.sender_id}
    if not choice.pool_id:
        return {"address": choice.address, "channel": choice.channel}
    ranked = [{"channel": each, "priority": rank} for rank, each in enumerate(choice.order)]
    only = {"filterIn": list(choice.only)} if choice.only else {}
    channels = {**only, **({"priority": ranked} if ranked else {})}
    return {"senderPoolId": choice.pool_id, **({"channels": channels} if channels else {})}


def _content(content: Content) -> dict[str, Any]:
    if content.template:
        return {"contentId": content.template}
    if content.modules:
        return {"modules": [_module(each) for each in content.modules]}
    return _plain(content)


def _module(module: Module) -> dict[str, Any]:
    if module.channel == "RCS":
        return {"rcs": msgspec.json.decode(module.rich)}
    return {module.channel.lower(): _plain(module)}


def _plain(owner: Content | Module) -> dict[str, Any]:
    text = {"text": owner.text} if owner.text else {}
    return {**text, **({"media": [{"url": url} for url in owner.media]} if owner.media else {})}


def _recipients(block: RecipientBlock) -> Iterator[dict[str, Any]]:
    """Raise `ValueError` where the columns differ in length, or hold what no recipient is."""
    if len(block.kinds) != len(block.to) or any(kind > COHORT for kind in block.kinds):
        raise ValueError("a recipient is of no known kind")
    for place, own in zip(range(len(block.to)), block.all_variables(), strict=True):
        yield _recipient(block, place) | ({} if own is None else {"variables": own})


def _recipient(block: RecipientBlock, place: int) -> dict[str, Any]:
    kind = block.kinds[place]
    if kind == SEVERAL and not all(part[:1] in ("0", "1") for part in block.to[place].split(" ")):
        raise ValueError("an address is on no known channel")
    found = block.recipient(place)
    if kind == COHORT:
        return {"cohortId": found.cohort_id}
    if kind == PROFILE:
        return {"memoryStoreId": found.store_id, "profileId": found.profile_id}
    pairs = zip(found.addresses, found.channels, strict=True)
    addresses = [{"address": address, "channel": channel} for address, channel in pairs]
    return {"addresses": addresses} if kind == SEVERAL else addresses[0]
