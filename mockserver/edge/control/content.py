"""`/content`: what WhatsApp says of a content template."""

from typing import Final

from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.refusals import Refusal


async def force(ask: Ask) -> Answer:
    """Have WhatsApp say something of a template."""
    from mockserver.domain.content.review import submission_of  # loaded with the first template

    sandbox, sid = ask.sandbox, ask.params["sid"]
    sandbox.engine.catch_up()
    template = sandbox.tables.content.get(sid)
    if template is None:
        raise Refusal("not_found", f"there is no content template {sid} in sandbox {sandbox.id}")
    reason = ask.body.get("rejection_reason", "")
    template = await sandbox.templates.force(template, ask.body["status"], reason)
    given = submission_of(template)
    return Answer(
        200,
        {
            "sid": template.sid,
            "account_sid": template.account_sid,
            "status": template.approval,
            "rejection_reason": given.rejection_reason,
            "name": given.name,
            "category": given.category,
            "content_type": given.content_type,
        },
    )


ROUTES: Final = (
    Route(
        "POST",
        "/content/{sid}/approval",
        force,
        "Have WhatsApp approve, reject, pause or disable a content template.",
        body="control/ForceApproval",
        answer="Approval",
    ),
)
