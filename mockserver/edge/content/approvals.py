"""`/v1/Content/{Sid}/ApprovalRequests`: what WhatsApp is asked, and what it says."""

from typing import Final

from mockserver.domain.content import ContentTemplate
from mockserver.domain.content.review import submittable
from mockserver.domain.errors import MALFORMED, TwilioError
from mockserver.edge.content.shared import FOLDER, Document, approval, find, read, reply
from mockserver.edge.http.call import Call, Reply, Route


async def create(call: Call) -> Reply:
    """Hand a template in; the answer comes later, on the sandbox's clock."""
    template = find(call)
    asked = read(call, "CreateApprovalCreate")
    if not submittable(template):
        raise TwilioError(MALFORMED, said="WhatsApp approves none of the template's types")
    return reply(201, approval(await call.sandbox.templates.submit(template, asked)))


async def fetch(call: Call) -> Reply:
    """What WhatsApp says now."""
    template = find(call)
    return reply(
        200,
        {
            "sid": template.sid,
            "account_sid": template.account_sid,
            "whatsapp": {"type": "whatsapp", **approval(template), "flows": _flows(template)},
            "url": f"{call.base_url}{ROOT}/{template.sid}/ApprovalRequests",
        },
    )


ROOT: Final = "/v1/Content"
ONE: Final = f"{ROOT}/{{Sid}}/ApprovalRequests"

ROUTES: Final = (
    Route(
        "POST",
        f"{ONE}/whatsapp",
        "CreateApprovalCreate",
        create,
        schema=f"{FOLDER}/ApprovalCreate",
    ),
    Route(
        "GET",
        ONE,
        "FetchApprovalFetch",
        fetch,
        schema=f"{FOLDER}/ApprovalFetch",
    ),
)


def _flows(template: ContentTemplate) -> Document | None:
    """What a form has at WhatsApp; its id is ours."""
    if approval(template)["content_type"] != "twilio/flows":
        return None
    return {"id": str(int(template.sid[2:18], 16)), "status": "DRAFT"}
