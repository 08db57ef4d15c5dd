"""What a call brings: one object of arguments, as JSON or as a form; and on whose behalf it comes.

It is checked twice, as in the module's own home: first by the module, which wants certain arguments
of certain types, then by Notify, whose parameters they become.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec
import orjson

from mockserver.domain.errors import (
    ENTITY_TOO_LARGE,
    HALF_A_LOGIN,
    ILL_TYPED,
    NO_SERVICE_SID,
    TwilioError,
)
from mockserver.domain.notify.forms import check
from mockserver.domain.notify.limits import ENTITY
from mockserver.edge.http.call import Call
from mockserver.edge.http.forms import FORM, check_charset, parse_form, unpacked
from mockserver.edge.http.resource import schema
from mockserver.world.documents import document_schema
from mockserver.world.schema_files import load
from mockserver.world.schemas import Reading

Arguments = dict[str, Any]

CONFIGURED: Final = ("ServiceSid", "AccountSid", "AuthToken", "BindingSid")
"""Arguments that are no parameters of Notify."""


# The body


def read_arguments(body: bytes, content_type: str, encoding: str) -> Arguments:
    """The arguments; one that is null was not given.

    What begins with a brace is JSON, whatever it is said to be. Raise `TwilioError` 20001 for what
    is no object, 20413 for more than Notify takes.
    """
    data = unpacked(body, encoding)
    if len(data) > ENTITY:
        raise TwilioError(ENTITY_TOO_LARGE)
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("", FORM) and data.lstrip()[:1] != b"{":
        check_charset(content_type)
        return _gathered(parse_form(data))
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as wrong:
        raise TwilioError(ILL_TYPED, said=f"the body is no JSON: {wrong.msg}") from None
    if not isinstance(document, dict):
        raise TwilioError(ILL_TYPED, said="the body must be an object with the arguments")
    return {name: value for name, value in document.items() if value is not None}


def _gathered(pairs: Iterable[tuple[str, str]]) -> Arguments:
    """A name that is repeated has a list."""
    found: Arguments = {}
    for name, text in pairs:
        found.setdefault(name, []).append(text)
    return {name: texts if len(texts) > 1 else texts[0] for name, texts in found.items()}


# Credentials

_ACCOUNT_SID: Final = re.compile("[0-9a-zA-Z]{34}").fullmatch


def login(body: bytes, headers: Mapping[str, str]) -> str:
    """`AccountSid` and `AuthToken` among the arguments, as an `Authorization`; "" without them.

    Raise `TwilioError` 20001 for what cannot be read, 20003 for one without the other.
    """
    encoding = headers.get("Content-Encoding", "").lower()
    arguments = read_arguments(body, headers.get("Content-Type", ""), encoding)
    user, token = (arguments.get(name, "") for name in ("AccountSid", "AuthToken"))
    if not isinstance(user, str) or not isinstance(token, str) or (user and not _ACCOUNT_SID(user)):
        said = "AccountSid must be 34 letters and digits, AuthToken must be text"
        raise TwilioError(ILL_TYPED, said=said)
    if not user and not token:
        return ""
    if not (user and token):
        raise TwilioError(HALF_A_LOGIN)
    return f"Basic {b64encode(f'{user}:{token}'.encode()).decode()}"


_TOKEN: Final = re.compile(
    rb"""("AuthToken"\s*:\s*")(?:[^"\\]|\\.)* | (\bAuthToken=)[^&]*""", re.VERBOSE | re.DOTALL
)


def without_token(body: bytes, headers: Mapping[str, str]) -> bytes:
    """The beginning of a body with `***` for its `AuthToken`; nothing of one that is packed."""
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        return b""
    return _TOKEN.sub(rb"\1\2***", body)


# The two checks


def read_checked(call: Call, operation: str) -> Arguments:
    """The arguments that the operation has, by its schema.

    Raise `TwilioError` 20001 where one is missing or is of a type that it cannot have. A configured
    `ServiceSid` stands in for one that is not given.
    """
    arguments = read_arguments(call.body, call.content_type, call.content_encoding)
    if not arguments.get("ServiceSid"):
        arguments["ServiceSid"] = call.sandbox.rules.options.murano_service_sid
        if not arguments["ServiceSid"]:
            raise TwilioError(NO_SERVICE_SID)
    known = document_schema(f"twilionotify/{operation}")
    reading = known.read(arguments)
    call.warnings.extend(reading.notes)
    for fault in reading.faults:
        raise TwilioError(ILL_TYPED, said=fault.message)
    return {name: value for name, value in arguments.items() if name in known.names}


def read_by_notify(arguments: Arguments, operation: str) -> Reading:
    """The arguments as parameters of one of Notify's operations."""
    return schema(f"notify/v1/{operation}").read(
        [
            (name, _text(each))
            for name, value in arguments.items()
            if name not in CONFIGURED
            for each in (value if isinstance(value, list) else [value])
        ]
    )


def checked_by_notify(arguments: Arguments, operation: str, kind: str) -> Arguments:
    """Those parameters, typed; raise the `TwilioError` that Notify answers.

    `kind` is what its text says that they were to make: `Binding`.
    """
    reading = read_by_notify(arguments, operation)
    check(kind, reading.values, _required(operation), reading.wrong, reading.breaches)
    return reading.values


@lru_cache(8)
def _required(operation: str) -> tuple[str, ...]:
    return tuple(load(f"notify/v1/{operation}").get("required", ()))


def _text(value: object) -> str:
    """An argument as a form has it: objects as JSON, whole numbers without a fraction."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return msgspec.json.encode(value).decode()
