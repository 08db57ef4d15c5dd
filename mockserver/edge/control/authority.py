"""`/ca.pem` and `/ca-bundle.pem`: what programs must trust to speak TLS with the mock."""

from typing import Final

from aiohttp import web

from mockserver.edge.control.ask import SERVER, Ask, Route

PEM: Final = "application/x-pem-file"


async def certificate(ask: Ask) -> web.StreamResponse:
    """The CA's certificate; its key has no way out."""
    return _pem(await ask.roots(system=False))


async def bundle(ask: Ask) -> web.StreamResponse:
    """The same behind the system's roots, for programs that read one file alone."""
    return _pem(await ask.roots(system=True))


def _pem(text: bytes) -> web.StreamResponse:
    return web.Response(body=text, content_type=PEM, headers={"Server": SERVER})


ROUTES: Final = (
    Route("GET", "/ca.pem", certificate, "The mock's CA, for *.twilio.com alone.", shared=True),
    Route(
        "GET",
        "/ca-bundle.pem",
        bundle,
        "The system's roots and the mock's CA.",
        shared=True,
    ),
)
