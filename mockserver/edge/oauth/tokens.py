"""`/v2/token`: client credentials are exchanged for an access token.

A client (`OQ…`) is to an OAuth app what a key is to an account: one that nobody has seen stands for
the first account of the sandbox where newcomers are at home, with the first secret that it brings.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain.access_tokens import LIFETIME, issue
from mockserver.domain.errors import AUTHENTICATE, MALFORMED, MISSING_PARAMETER, TwilioError
from mockserver.domain.sids import is_sid
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.forms import FORM_DATA
from mockserver.edge.http.resource import read_form

FOLDER: Final = "oauth/v2"
GRANT: Final = "client_credentials"

_SECRET: Final = re.compile(rb"(\bclient_secret=)[^&]*", re.IGNORECASE)


async def create(call: Call) -> Reply:
    """A token that is good for an hour; raise `TwilioError` 20003 for a client's wrong secret.

    Missing parameters and grants that are not served are 20001, our choice.
    """
    client_id, secret = _credentials(read_form(call, f"{FOLDER}/CreateToken"))
    admitted = call.authorize_client(client_id, secret)
    token = issue(client_id, admitted.account.sid, secret, admitted.sandbox.clock.now())
    document = {
        "access_token": token,
        "id_token": None,
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "refresh_token": None,
    }
    return Reply(200, json.dumps(document).encode(), secrets=(token,))


def _credentials(asked: dict[str, Any]) -> tuple[str, str]:
    for name in ("grant_type", "client_id", "client_secret"):
        if name not in asked:
            raise TwilioError(MISSING_PARAMETER, parameter=name)
    if asked["grant_type"] != GRANT:
        raise TwilioError(MALFORMED, said=f"grant_type must be {GRANT}, the only one there is")
    if not is_sid(asked["client_id"], "OQ"):
        raise TwilioError(AUTHENTICATE)
    return asked["client_id"], asked["client_secret"]


def without_secret(body: bytes, headers: Mapping[str, str]) -> bytes:
    """The beginning of a body with `***` for its `client_secret`.

    Nothing of one that is packed, or comes in parts.
    """
    packed = headers.get("Content-Encoding", "identity").lower() != "identity"
    if packed or headers.get("Content-Type", "").lower().startswith(FORM_DATA):
        return b""
    return _SECRET.sub(rb"\1***", body)


ROUTES: Final = (
    Route("POST", "/v2/token", "CreateToken", create, schema=f"{FOLDER}/Token", public=True),
)
