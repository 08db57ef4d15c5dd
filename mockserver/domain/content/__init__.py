"""Content templates: what they are, what is sent of one, and what WhatsApp says of it."""

from mockserver.domain.content.submission import APPROVALS, Approval, Submission
from mockserver.domain.content.template import CHANNELS, IN_SESSION, ContentTemplate

__all__ = ["APPROVALS", "CHANNELS", "IN_SESSION", "Approval", "ContentTemplate", "Submission"]
