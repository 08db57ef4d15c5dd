"""`X-Twilio-Signature`: how a webhook proves that it comes from Twilio.

HMAC-SHA1, keyed with the Auth Token of the account that owns the resource, over the URL and the
form's parameters; base64. Source: Twilio's security notes, the official `RequestValidator`.
"""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Final

from mockserver.domain.forms import add_query

_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://(?:[^/?#]*@)?(?P<host>[^/?#]*)"
    r"(?P<path>[^?#]*)(?P<query>\?[^#]+)?",
).match


_LOGIN: Final = re.compile(r"^([^/?#:]*://[^/?#:@]*):[^/?#]*@")


def masked(url: str) -> str:
    """An address that can be shown: `***` instead of its password."""
    return _LOGIN.sub(r"\1:***@", url)


def signed_url(url: str) -> str:
    """The part of a webhook's address that is signed, otherwise as configured.

    User name, password and fragment (the overrides) are dropped, the port stays, an empty path is
    `/`. A question mark with nothing behind it goes, as it does in what the receiver sees.
    """
    parts = _URL(url)
    if parts is None:
        return url.partition("#")[0]
    scheme, host, path, query = parts.group("scheme", "host", "path", "query")
    return f"{scheme.lower()}://{host}{path or '/'}{query or ''}"


def sign(url: str, params: Iterable[tuple[str, str]], auth_token: str) -> str:
    """The header's value for a form posted to `url`, or for a GET when there are no `params`.

    `url` may be as configured. Parameters count in the order of their names, then of their values;
    a pair that is there twice counts once.
    """
    text = signed_url(url) + "".join(name + value for name, value in sorted(set(params)))
    digest = hmac.digest(auth_token.encode(), text.encode(), "sha1")
    return b64encode(digest).decode("ascii")


def sign_json(url: str, body: bytes, auth_token: str) -> tuple[str, str]:
    """The address to post a JSON `body` to, which holds its digest, and the header's value."""
    address = add_query(url, (("bodySHA256", hashlib.sha256(body).hexdigest()),))
    return address, sign(address, (), auth_token)
