"""`/v1/LegacyContent`: templates that were there before there were content templates.

None is, unless it was set up with the sandbox.
"""

from typing import Final

from mockserver.domain.content import ContentTemplate
from mockserver.edge.content.shared import FOLDER, Document, dates, fields, listed
from mockserver.edge.http.call import Call, Reply, Route


async def list_(call: Call) -> Reply:
    """The account's own, newest first; they are among its other templates too."""
    return await listed(call, ROOT, "ListLegacyContent", render, legacy=True)


ROOT: Final = "/v1/LegacyContent"

ROUTES: Final = (Route("GET", ROOT, "ListLegacyContent", list_, schema=f"{FOLDER}/LegacyContent"),)


def render(call: Call, template: ContentTemplate) -> Document:
    """A template in the published description's form: each has the list's own address."""
    return {
        **fields(template),
        "legacy_template_name": template.legacy_template_name,
        "legacy_body": template.legacy_body,
        "url": f"{call.base_url}{ROOT}",
        **dates(call, template),
    }
