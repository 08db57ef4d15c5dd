"""Whether a recipient may be written to, and can be reached."""

from mockserver.domain import errors
from mockserver.domain.addresses import country
from mockserver.domain.creation.draft import Draft
from mockserver.domain.creation.senders import route
from mockserver.domain.errors import Problem


def verified(draft: Draft) -> Problem | None:
    """Channel addresses are not checked: there the sandbox's join list decides, at Twilio."""
    account, to = draft.account, draft.to
    if not account.trial or to.kind != "phone" or draft.known.verified(account, to.value):
        return None
    hosted = draft.options.trial_unverified_code == errors.UNVERIFIED_TO_HOSTED.code
    return errors.UNVERIFIED_TO_HOSTED if hosted else errors.UNVERIFIED_TO


def permitted(draft: Draft) -> Problem | None:
    """The account's geo permissions."""
    account = draft.account
    if not (account.geo_permissions_off or account.owner_account_sid):
        return None
    if draft.to.kind != "phone" or not (closed := draft.known.closed_countries(draft.account)):
        return None
    return errors.GEO_PERMISSION if country(draft.to.value) in closed else None


def subscribed(draft: Draft) -> Problem | None:
    """Through a service it is found out later: the message fails with 21610.

    On WhatsApp too: it ends undelivered, with 63033.
    """
    if draft.service_sid or draft.to.channel == "whatsapp":
        return None
    out = draft.known.opted_out(draft.sender.value, draft.to.value)
    return errors.UNSUBSCRIBED if out else None


def reachable(draft: Draft) -> Problem | None:
    """`ForceDelivery` lets a message to a landline pass. Source: errors page 21635."""
    if draft.known.landline(draft.to.value) and not draft.form.get("ForceDelivery"):
        newer = draft.options.landline_code == errors.LANDLINE.code
        return errors.LANDLINE if newer else errors.NOT_MOBILE
    return route(draft)
