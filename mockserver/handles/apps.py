"""Applications of a test that get the webhooks for a public address. PYTEST_DONT_REWRITE"""

import os
from asyncio import AbstractEventLoop
from typing import Any, Self

from mockserver.handles.connection import ControlClient
from mockserver.handles.errors import ControlError, ServerGone
from mockserver.handles.gateways import Asgi, AsgiOnLoop, Gateway, Public, Wsgi, is_asgi
from mockserver.handles.webserver import WebServer


class WebhookApp:
    """An application that gets webhooks, until `stop()`, or to the end of a `with` block."""

    def __init__(
        self,
        control: ControlClient,
        app: Any,
        url: str,
        *,
        asgi: bool | None = None,
        loop: AbstractEventLoop | None = None,
    ) -> None:
        """Start it, and have the sandbox send there what is for `url`.

        Raise `TypeError` for what is no application, or none for a `loop`, `ValueError` for what is
        no address.
        """
        self.url = url
        """The public address."""
        self.errors: list[BaseException] = []
        """What the application raised; the mock was answered 500."""
        self._control, self._owner = control, os.getpid()
        self._gateway: Gateway | None = None
        self._server: WebServer | None = None
        try:
            where = self._start(app, Public.of(url), asgi, loop)
            entry = control.call("POST", "/webhook_map", {"from": url, "to": where})
        except BaseException:
            self._end()
            raise
        self._entry: str | None = entry["id"]

    def _start(
        self, app: Any, public: Public, asgi: bool | None, loop: AbstractEventLoop | None
    ) -> str:
        """Where it is called instead; paths stay whole."""
        if isinstance(app, str):
            return app.rstrip("/") + public.path
        self._gateway = self._led_to(app, public, asgi, loop)
        self._server = WebServer(self._gateway.answer, self.errors)
        return f"http://127.0.0.1:{self._server.port}{public.path}"

    def _led_to(
        self, app: Any, public: Public, asgi: bool | None, loop: AbstractEventLoop | None
    ) -> Gateway:
        asynchronous = is_asgi(app) if asgi is None else asgi
        if loop is None:
            return (Asgi if asynchronous else Wsgi)(app, public, self.errors)
        if not asynchronous:
            raise TypeError("loop= is for ASGI applications; this one is WSGI")
        return AsgiOnLoop(app, public, self.errors, loop)

    def stop(self) -> None:
        """Send nothing there any more. Stopping twice does nothing the second time."""
        if self._entry is None or self._owner != os.getpid():
            return
        entry, self._entry = self._entry, None
        try:
            self._control.call("DELETE", f"/webhook_map/{entry}")
        except ServerGone:
            pass  # and the map with it
        except ControlError as refusal:
            if refusal.status != 404:
                raise
        finally:
            self._end()

    def _end(self) -> None:
        if self._server is not None:
            self._server.stop()
        if self._gateway is not None:
            self._gateway.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<WebhookApp at {self.url}, {len(self.errors)} errors>"
