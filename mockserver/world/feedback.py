"""The command of Message Feedback."""

from mockserver.domain.feedback import Feedback
from mockserver.domain.message import Message
from mockserver.world.engine import Engine
from mockserver.world.tables import Tables, Unit


async def report(tables: Tables, engine: Engine, message: Message, outcome: str) -> Feedback:
    """Keep the outcome that was reported of a message; an earlier one is replaced."""
    now = engine.clock.now()
    before = tables.feedback.get(message.sid)
    feedback = Feedback(message.sid, outcome, before.created_at if before else now, now)
    tables.feedback[message.sid] = feedback
    unit = Unit()
    unit.put("feedback", message.sid, feedback)
    await engine.commit(unit)
    return feedback
