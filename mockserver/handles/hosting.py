"""Which application gets the webhooks of an address. PYTEST_DONT_REWRITE"""

from typing import TYPE_CHECKING, Any

from mockserver.handles.standing import Standing

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from mockserver.handles.apps import WebhookApp


class Hosting(Standing):
    """Has applications answer webhooks."""

    def webhooks_to(
        self,
        app: Any,
        url: str,
        *,
        asgi: bool | None = None,
        loop: "AbstractEventLoop | None" = None,
    ) -> "WebhookApp":
        """Have `app` answer the webhooks for a public address, `https://app.example.com`, say.

        `app` is a WSGI or an ASGI application (told apart by how they are called; `asgi` says it),
        served from a thread, with `wsgi.url_scheme`, `Host` and the rest as at the public address;
        or the address of a running server. With `with` for the block only, else until the handle
        stops. What the application raises is in `.errors` of what comes back, and in a failing
        test's report. Media URLs below the address lead there, too.

        An ASGI application is started, and shut down, on an event loop of its own. With `loop`, a
        running one, it answers there and is yours to start: for a test that shares clients or
        connections with it. That test must not block the loop: `AsyncMockTwilio` does not.

        The mock must reach this machine's loopback: one in a container (`url=`) must share the
        host's network, or be started with `--webhook-map localhost=host.docker.internal` where
        that leads to the host's loopback, as Docker Desktop does.
        """
        from mockserver.handles.apps import WebhookApp  # threads, a web server, an event loop

        made = WebhookApp(self._control, app, url, asgi=asgi, loop=loop)
        self._place.apps.append(made)
        return made
