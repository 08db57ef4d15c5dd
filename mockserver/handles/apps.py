"""Applications of a test that get the webhooks for a public address. PYTEST_DONT_REWRITE"""

import os
from typing import Any, Self

from mockserver.handles.connection import ControlClient
from mockserver.handles.errors import ControlError, ServerGone
from mockserver.handles.gateways import Asgi, Gateway, Public, Wsgi, is_asgi
from mockserver.handles.webserver import WebServer


class WebhookApp:
    """An application that gets webhooks, until `stop()`, or to the end of a `with` block."""

    def __init__(
        self, control: ControlClient, app: Any, url: str, *, asgi: bool | None = None
    ) -> None:
        """Start it, and have the sandbox send there what is for `url`.

        Raise `TypeError` for what is no application, `ValueError` for what is no address.
        """
        self.url = url
        """The public address."""
        self.errors: list[BaseException] = []
        """What the application raised; the mock was answered 500."""
        self._control, self._owner = control, os.getpid()
        self._gateway: Gateway | None = None
        self._server: WebServer | None = None
        try:
            where = self._start(app, Public.of(url), asgi)
            entry = control.call("POST", "/webhook_map", {"from": url, "to": where})
        except BaseException:
            self._end()
            raise
        self._entry: str | None = entry["id"]

    def _start(self, app: Any, public: Public, asgi: bool | None) -> str:
        """Where it is called instead; paths stay whole."""
        if isinstance(app, str):
            return app.rstrip("/") + public.path
        kind = Asgi if (is_asgi(app) if asgi is None else asgi) else Wsgi
        self._gateway = kind(app, public, self.errors)
        self._server = WebServer(self._gateway.answer, self.errors)
        return f"http://127.0.0.1:{self._server.port}{public.path}"

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
