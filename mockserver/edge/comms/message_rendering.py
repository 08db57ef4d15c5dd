"""Messages as the reference of this API shows them."""

from functools import cached_property
from typing import Any, Final

from mockserver.domain.bulk.ways import End
from mockserver.domain.sender_pools import PAIRINGS, Sender
from mockserver.domain.titles import TITLES
from mockserver.edge.comms.answers import INFO, date, location
from mockserver.edge.http.call import Call
from mockserver.world.bulk.arrivals import Arrival, number
from mockserver.world.bulk.finding import INBOUND, Row
from mockserver.world.bulk.views import Seen, Shown, Views
from mockserver.world.comms_senders import Senders

CONSOLE: Final = "https://console.twilio.com/us1/monitor/logs/sms"
"""Where Twilio's console shows a classic message. Source: the reference's `infoUrl`."""

Json = dict[str, Any]


class Renderer:
    """Shows the messages that one request asks for."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._views = Views(call.sandbox)

    def metadata(self, row: Row) -> Json:
        """Without what it says, and its attempts, as in lists."""
        if isinstance(row, Arrival):
            return self._arrived(row)
        return self._sent(row, self._views.latest(row))

    def whole(self, row: Row) -> Json:
        """All of it."""
        if isinstance(row, Arrival):
            return {**self._arrived(row), "attempts": [], "content": _content(row)}
        attempts = self._views.attempts(row)
        latest = attempts[-1] if attempts else None
        tries = [self._attempt(row, each) for each in attempts]
        content = self._views.content(row, latest)
        return {**self._sent(row, latest), "attempts": tries, "content": content}

    def receipt(self, seen: Seen) -> Json:
        """How the one recipient stands, who has an address. The shape is ours."""
        latest = self._views.latest(seen)
        lost = latest if latest is not None and latest.code and seen.lost else None
        return {
            "to": _address(latest.end if latest is not None else seen.person.ends[0]),
            "status": seen.operation.state(seen.place),
            **({"error": reason(lost.code, lost.said)} if lost is not None else {}),
            "updatedAt": date(self._call, self._views.updated_at(seen, latest)),
        }

    def _sent(self, seen: Seen, latest: Shown | None) -> Json:
        call, operation, at = self._call, seen.operation, seen.scheduled_for
        where = location(call, "Messages", "Operations", operation.id)
        return {
            "id": seen.id,
            "from": self._from(seen, latest),
            "to": recipients(seen, latest),
            "status": operation.state(seen.place),
            "related": [{"name": "OPERATION", "id": operation.id, "uri": where}],
            "tags": dict(seen.tags),
            "scheduledFor": date(call, at) if at else None,
            "createdAt": date(call, operation.created_at),
            "updatedAt": date(call, self._views.updated_at(seen, latest)),
            "deletedAt": None,
        }

    def _from(self, seen: Seen, latest: Shown | None) -> Json:
        sender = self._views.sender(seen, latest)
        pool = {"senderPoolId": seen.pool_id} if seen.pool_id else {}
        return {**(_sender(sender) if sender is not None else {}), **pool}

    def _attempt(self, seen: Seen, attempt: Shown) -> Json:
        lost = {"error": reason(attempt.code, attempt.said)} if attempt.code else {}
        return {
            "from": _sender(attempt.sender),
            "to": [_address(attempt.end)],
            "status": attempt.status,
            "attemptedAt": date(self._call, attempt.made),
            "infoUrl": f"{CONSOLE}/{seen.operation.account_sid}/{attempt.sid}",
            **lost,
        }

    def _arrived(self, arrival: Arrival) -> Json:
        """`from` is the person, `to` the sender that was written to."""
        call, message, channel = self._call, arrival.message, arrival.channel
        session, at = arrival.session_id, date(self._call, message.created_at)
        to = {"address": number(message.to), "channel": channel}
        known = self._senders.get((channel, to["address"]))
        where = f"{location(call, 'Messages')}?sessionId={session}"
        return {
            "id": arrival.id,
            "from": {"address": number(message.from_), "channel": PAIRINGS[channel]},
            "to": [to if known is None else {**to, "senderId": known}],
            "status": INBOUND,
            "related": [{"name": "SESSION", "id": session, "uri": where}],
            "tags": {},
            "scheduledFor": None,
            "createdAt": at,
            "updatedAt": at,
            "deletedAt": None,
        }

    @cached_property
    def _senders(self) -> dict[tuple[str, str], str]:
        """Ids of the account's senders, by channel and address."""
        every = Senders(self._call.sandbox, self._call.account).all()
        return {(each.channel, each.address): each.id for each in every}


def recipients(seen: Seen, latest: Shown | None) -> list[Json]:
    """Who got it, where; as the request has it before the first attempt."""
    person = seen.person
    profile = {"profileId": person.profile_id, "memoryStoreId": person.store_id}
    named = profile if person.profile_id else {}
    if latest is not None:
        return [{**_address(latest.end), **named}]
    if named:
        return [named]
    ends = [_address(end) for end in person.ends]
    return ends if len(ends) == 1 else [{"addresses": ends}]


def reason(code: int, said: str = "") -> Json:
    """An error code, and what is said of it where no better words are known."""
    return {"code": code, "message": said or TITLES.get(code, ""), "infoUrl": f"{INFO}{code}"}


def _sender(sender: Sender) -> Json:
    return {"address": sender.address, "channel": sender.channel, "senderId": sender.id}


def _address(end: End) -> Json:
    channel, address = end
    return {"address": address, "channel": channel}


def _content(arrival: Arrival) -> Json:
    message = arrival.message
    media = {"media": [{"url": url} for url in message.media_urls]} if message.media_urls else {}
    return {**({"text": message.body} if message.body else {}), **media}
