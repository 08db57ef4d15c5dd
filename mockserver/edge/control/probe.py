"""`/probe`: an application's webhook is tried."""

from typing import Final

from mockserver.edge.control.ask import Answer, Ask, Route


async def probe(ask: Ask) -> Answer:
    """Probe a webhook as the sandbox's account; answers when all probes are through."""
    account = ask.sandbox.accounts.first
    asked = {"account_sid": account.sid, "auth_token": account.auth_token, **ask.body}
    routes = tuple(reversed(ask.sandbox.routes.values()))
    return Answer(200, await ask.probe(asked, routes))


ROUTES: Final = (
    Route(
        "POST",
        "/probe",
        probe,
        "Probe an application's webhook; answers with the report.",
        body="control/Probe",
        answer="ProbeReport",
    ),
)
