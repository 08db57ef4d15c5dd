"""`/v1/Credentials`: what push services know the account by; routes, handlers and rendering."""

from typing import Final

from mockserver.domain.notify.credentials import Credential
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.notify.shared import FOLDER, Document, ask, date, listed, read, reply
from mockserver.world.notify.credentials import Credentials

KIND: Final = "Credential"


async def create(call: Call) -> Reply:
    """Make a credential; its secrets are not looked at."""
    form = read(call, "CreateCredential", KIND)
    return reply(201, render(call, await Credentials(call.sandbox).create(call.account, form)))


async def list_(call: Call) -> Reply:
    """The account's credentials, newest first, a page at a time."""
    asked = ask(call, "ListCredential", KIND)
    found = Credentials(call.sandbox).page(call.account, asked.page, lambda _: True)
    return listed(call, ROOT, "credentials", asked, found, render)


async def fetch(call: Call) -> Reply:
    """One credential, without its secrets."""
    return reply(200, render(call, _find(call)))


async def update(call: Call) -> Reply:
    """Change what is given."""
    credential = _find(call)
    form = read(call, "UpdateCredential", KIND)
    return reply(200, render(call, await Credentials(call.sandbox).update(credential, form)))


async def delete(call: Call) -> Reply:
    """Forget a credential, also one that is in use."""
    await Credentials(call.sandbox).delete(_find(call))
    return Reply(204)


ROOT: Final = "/v1/Credentials"
ONE: Final = f"{ROOT}/{{Sid}}"
SCHEMA: Final = f"{FOLDER}/Credential"

ROUTES: Final = (
    Route("POST", ROOT, "CreateCredential", create, schema=SCHEMA),
    Route("GET", ROOT, "ListCredential", list_, schema=SCHEMA),
    Route("GET", ONE, "FetchCredential", fetch, schema=SCHEMA),
    Route("POST", ONE, "UpdateCredential", update, schema=SCHEMA),
    Route("DELETE", ONE, "DeleteCredential", delete),
)


def _find(call: Call) -> Credential:
    """The credential that the path names, or 20404."""
    credential = Credentials(call.sandbox).find(call.account, call.params["Sid"])
    if credential is None:
        raise call.missing()
    return credential


# Rendering


def render(call: Call, credential: Credential) -> Document:
    """In the key order of the published description's example; `sandbox` is a text there."""
    return {
        "sid": credential.sid,
        "account_sid": credential.account_sid,
        "friendly_name": credential.friendly_name or None,
        "type": credential.type,
        "sandbox": str(credential.sandbox) if credential.type == "apn" else None,
        "date_created": date(credential.created_at),
        "date_updated": date(credential.updated_at),
        "url": f"{call.base_url}{ROOT}/{credential.sid}",
    }
