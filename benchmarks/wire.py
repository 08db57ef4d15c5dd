"""The requests, as bytes, and a blocking way to ask for the few things off the clock."""

import base64
import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count, cycle
from typing import Any, Final
from urllib.parse import quote

ACCOUNT_SID: Final = "AC00000000000000000000000000002010"
AUTH_TOKEN: Final = "00000000000000000000000000002010"
"""The default account of a server that nobody configured."""

RECIPIENTS: Final = 1_000
"""Distinct `To` numbers: with 100,000 kept each has a hundred, so a filtered page is full."""


def authorization(account_sid: str, auth_token: str) -> str:
    """The header's value."""
    return "Basic " + base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()


def messages_path(account_sid: str) -> str:
    """Where an account's messages are."""
    return f"/2010-04-01/Accounts/{account_sid}/Messages.json"


LINE: Final = 45
"""Characters of a message."""
LONG_SEGMENT: Final = 153
"""Characters of a segment in a message of several."""

AUTHORIZATION: Final = authorization(ACCOUNT_SID, AUTH_TOKEN)
MESSAGES: Final = messages_path(ACCOUNT_SID)


class Spoiled(Exception):
    """Something could not be measured. The text says why."""


Requests = Callable[[], bytes]
"""Gives the next request, head and body."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An account that makes requests."""

    account_sid: str = ACCOUNT_SID
    auth_token: str = AUTH_TOKEN
    serial: Iterator[int] = field(default_factory=count)
    """Numbers the messages, so that no two are alike."""

    def creates(self, status_callback: str = "", service: str = "", segments: int = 1) -> Requests:
        """Messages to `RECIPIENTS` numbers, no two alike; of 45 characters where one segment."""
        more = "x" * (LONG_SEGMENT * segments - LINE) if segments > 1 else ""
        if status_callback:
            more += f"&StatusCallback={quote(status_callback, safe='')}"
        sender = f"MessagingServiceSid={service}" if service else "From=%2B15017122661"
        body = partial(_form, self.serial, sender, more)
        length = len(_form(count(), sender, more))
        head = self._head("POST", messages_path(self.account_sid), length)
        return lambda: head + body()

    def lists(self) -> Requests:
        """The first page of 50, without a filter."""
        request = self._head("GET", messages_path(self.account_sid))
        return lambda: request

    def filtered_lists(self, recipients: int) -> Requests:
        """The first page of 50 for one recipient after the other, round and round."""
        path = messages_path(self.account_sid)
        numbers = (f"%2B1415555{number:04d}" for number in range(recipients))
        return cycle([self._head("GET", f"{path}?To={to}") for to in numbers]).__next__

    def fetches(self, sids: list[str]) -> Requests:
        """These messages, round and round."""
        path = messages_path(self.account_sid).removesuffix(".json")
        return cycle([self._head("GET", f"{path}/{sid}.json") for sid in sids]).__next__

    def sids(self, port: int) -> list[str]:
        """The newest thousand messages there are."""
        path = messages_path(self.account_sid) + "?PageSize=1000"
        page = ask(port, "GET", path, headers={"Authorization": self._authorization()})
        return [message["sid"] for message in page["messages"]]

    def _authorization(self) -> str:
        return authorization(self.account_sid, self.auth_token)

    def _head(self, method: str, path: str, length: int = 0) -> bytes:
        """What the official client sends, without the headers that nobody reads."""
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: localhost",
            "Accept: application/json",
            f"Authorization: {self._authorization()}",
        ]
        if method == "POST":
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {length}",
            ]
        return "\r\n".join([*lines, "", ""]).encode()


def _form(serial: Iterator[int], sender: str, more: str) -> bytes:
    """A new message's parameters; their length is always the same."""
    number = next(serial)
    to, text = f"%2B1415555{number % RECIPIENTS:04d}", f"Your+order+{number:08d}+is+on+its+way."
    return f"{sender}&To={to}&Body={text}+Thank+you.{more}".encode()


def new_sandbox(port: int, clock: str, scenario: object = None) -> tuple[str, Caller]:
    """A new sandbox's id, and the account that is in it."""
    order = {"clock": clock} | ({} if scenario is None else {"scenario": scenario})
    made = ask(port, "POST", "/_mock/sandboxes", order)
    try:
        return made["id"], Caller(made["account_sid"], made["auth_token"])
    except KeyError as missing:
        raise Spoiled(f"a new sandbox was answered without {missing}: {made}") from None


def ask(
    port: int, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
) -> Any:
    """Ask once, JSON in and out; raise `Spoiled` with the answer unless it is a 2xx."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(
            method, path, content, {"Content-Type": "application/json"} | (headers or {})
        )
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if answer.status >= 300:
        raise Spoiled(f"{method} {path} answered {answer.status}: {text[:300]!r}")
    return json.loads(text) if text else None
