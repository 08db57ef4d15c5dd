"""Keeps a Python program from the real Twilio. PYTEST_DONT_REWRITE

Look-ups of `*.twilio.com` are refused, so that a client that goes past the proxy gets nowhere; and
for Twilio's hosts these take the proxy and trust the mock, whatever they were told: aiohttp, which
reads no environment by itself, and requests, of which the `twilio` library up to 7.9 uses a part
that reads no bundle of certificates.

Modules are changed when the program imports them, so that it pays for nothing that it does not use.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing` takes long to load
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from typing import Any, Self

DOMAIN = "twilio.com"

PAST_THE_PROXY = (
    "twilio-mockserver keeps this program from the real {host}: its HTTP client went past the "
    "proxy. Have it heed HTTPS_PROXY (trust_env=True in httpx), or give it the "
    "base URL {url}"
)


class Proxy(str):
    """A proxy's URL. The innermost seatbelt names it, and others leave it alone."""

    __slots__ = ()
    of_twilio_mockserver = True


class Seatbelt:
    """Fastened between `fasten()` and `loosen()`, or for a `with` block; the innermost counts."""

    def __init__(
        self,
        url: str,
        certificate: str,
        told: Callable[[str], Any] | None = None,
        more: dict[str, Callable[[Seatbelt, Any], None]] | None = None,
    ) -> None:
        """`url` is the mock's, `certificate` the file with its CA.

        `told` is handed a line for each host of Twilio's, when it is refused for the first time: a
        program may swallow the error. `more` is changed besides `CHANGES`.
        """
        self._url, self.certificate = url, certificate
        self._told = told
        self._refused: set[str] = set()
        self._context: ssl.SSLContext | None = None
        self._tables = (CHANGES, more or {})
        self._names = {name for table in self._tables for name in table}
        self._finder = Finder(self._names, self._tighten)
        self._undo: list[Callable[[], None]] = []

    def fasten(self) -> None:
        """Change what is loaded, and wait for the rest."""
        for name in self._names:
            module = sys.modules.get(name)
            if module is not None:
                self._tighten(module)
        sys.meta_path.insert(0, self._finder)

    def loosen(self) -> None:
        """All is as before."""
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        while self._undo:
            self._undo.pop()()

    def __enter__(self) -> Self:
        self.fasten()
        return self

    def __exit__(self, *_: object) -> None:
        self.loosen()

    # -- for the changes --

    def put(self, owner: Any, name: str, wrapped: Callable[[Any], Any]) -> None:
        """Exchange an attribute, until it is loosened; what is not there stays away."""
        original = getattr(owner, name, None)
        if original is None:
            return
        own = name in vars(owner)
        made = wrapped(original)
        made.__name__, made.__doc__ = name, original.__doc__
        made.__wrapped__ = original
        setattr(owner, name, made)
        self._undo.append(
            (lambda: setattr(owner, name, original)) if own else (lambda: delattr(owner, name))
        )

    def refuse(self, host: Any) -> None:
        """Raise `socket.gaierror` for a host of Twilio's."""
        if is_twilios(host):
            import socket

            name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
            said = PAST_THE_PROXY.format(host=name, url=self._url)
            if self._told is not None and name not in self._refused:
                self._refused.add(name)
                self._told(said + "\n")
            raise socket.gaierror(socket.EAI_FAIL, said)

    def steer(self, asked: dict[str, Any]) -> None:
        """Have a request of aiohttp's go through the proxy, and trust the mock."""
        if getattr(asked.get("proxy"), "of_twilio_mockserver", False):
            return
        asked["proxy"] = Proxy(self._url)
        asked.pop("proxy_auth", None)
        if not any(asked.get(name) is not None for name in ("verify_ssl", "fingerprint")):
            asked.pop("ssl_context", None)
            given = asked.get("ssl")
            if given is None or given is True or type(given).__name__ == "SSLContext":
                asked["ssl"] = self._trust()

    def bring(self, asked: dict[str, Any]) -> None:
        """Have what an adapter of requests' is asked go through the proxy, and trust the mock."""
        if getattr((asked["proxies"] or {}).get("https"), "of_twilio_mockserver", False):
            return
        proxy = Proxy(self._url)
        asked["proxies"] = {"http": proxy, "https": proxy}
        if asked["verify"]:
            asked["verify"] = self.certificate

    def leads_to(self, url: str) -> bool:
        """Whether a URL is the mock's own, as of a request that was redirected before."""
        return url.startswith(self._url + "/")

    def _trust(self) -> ssl.SSLContext:
        if self._context is None:
            import ssl

            with open(self.certificate, encoding="ascii") as file:
                self._context = ssl.create_default_context(cadata=file.read())
        return self._context

    def _tighten(self, module: Any) -> None:
        for table in self._tables:
            if module.__name__ in table:
                table[module.__name__](self, module)


def is_twilios(host: Any) -> bool:
    """Whether a host, as text or bytes, is below `twilio.com`."""
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return False
    name = host.lower().rstrip(".")
    return name == DOMAIN or name.endswith("." + DOMAIN)


# -- what is changed -------------------------------------------------------------------------------


def _change_socket(belt: Seatbelt, module: Any) -> None:
    """What everything in Python looks names up with; asyncio too."""

    def guarded(original: Any) -> Any:
        def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
            belt.refuse(host)
            return original(host, *args, **kwargs)

        return look_up

    def connecting(original: Any) -> Any:
        def connect(sock: Any, address: Any) -> Any:
            if isinstance(address, tuple) and address:
                belt.refuse(address[0])
            return original(sock, address)

        return connect

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr"):
        belt.put(module, name, guarded)
    for name in ("connect", "connect_ex"):  # a socket that is given a name looks it up itself
        belt.put(module.socket, name, connecting)


def _change_ssl(belt: Seatbelt, module: Any) -> None:
    """Who names roots trusts the mock's CA as well, which is good for Twilio's names alone."""

    def trusting(original: Any) -> Any:
        def load_verify_locations(context: Any, *args: Any, **kwargs: Any) -> Any:
            original(context, *args, **kwargs)
            try:
                original(context, cafile=belt.certificate)
            except OSError:  # the file went: Twilio's names are not trusted, and all else goes on
                return

        return load_verify_locations

    belt.put(module.SSLContext, "load_verify_locations", trusting)


def _change_uvloop(belt: Seatbelt, module: Any) -> None:
    """It asks the system past Python's `socket`."""

    def guarded(original: Any) -> Any:
        async def look_up(loop: Any, host: Any, *args: Any, **kwargs: Any) -> Any:
            belt.refuse(host)
            return await original(loop, host, *args, **kwargs)

        return look_up

    def connecting(original: Any) -> Any:
        async def connect(
            loop: Any, protocol_factory: Any, host: Any = None, *args: Any, **kwargs: Any
        ) -> Any:
            belt.refuse(host)
            return await original(loop, protocol_factory, host, *args, **kwargs)

        return connect

    belt.put(module.Loop, "getaddrinfo", guarded)
    belt.put(module.Loop, "create_connection", connecting)


def _change_aiohttp(belt: Seatbelt, module: Any) -> None:
    """Every request of a session ends here, in all versions from 3.0 on."""

    def steered(original: Any) -> Any:
        def request(session: Any, method: Any, url: Any, **kwargs: Any) -> Any:
            if is_twilios(_host(module.URL, session, url)):
                belt.steer(kwargs)
            return original(session, method, url, **kwargs)

        return request

    belt.put(module.ClientSession, "_request", steered)


def _change_requests(belt: Seatbelt, module: Any) -> None:
    """Adapters: a session would hand on to a redirection's host what it was given for Twilio's."""

    def brought(original: Any) -> Any:
        def send(
            adapter: Any,
            request: Any,
            stream: Any = False,
            timeout: Any = None,
            verify: Any = True,
            cert: Any = None,
            proxies: Any = None,
        ) -> Any:
            asked = {"verify": verify, "proxies": proxies}
            if is_twilios(module.urlparse(request.url).hostname):
                belt.bring(asked)
            elif belt.leads_to(request.url):
                asked["proxies"] = None
            return original(adapter, request, stream=stream, timeout=timeout, cert=cert, **asked)

        return send

    belt.put(module.HTTPAdapter, "send", brought)


def _host(parsed: Any, session: Any, url: Any) -> Any:
    """Whom a request is for; of what is no URL, aiohttp complains."""
    base = getattr(session, "_base_url", None)
    try:
        return parsed(url).host or (base.host if base is not None else None)
    except (ValueError, TypeError):
        return None


CHANGES = {
    "socket": _change_socket,
    "ssl": _change_ssl,
    "uvloop": _change_uvloop,
    "aiohttp.client": _change_aiohttp,
    "requests.adapters": _change_requests,
}
"""By the module that is changed."""


# -- waiting for an import -------------------------------------------------------------------------


class Finder:
    """Finds modules as the others would, and has them changed when they are loaded."""

    def __init__(self, names: set[str], change: Callable[[Any], None]) -> None:
        self._names, self._change = names, change

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """That of the first finder behind this one, for the modules that are changed."""
        if name not in self._names or self not in sys.meta_path:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None else None
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = Loader(spec.loader, self._change)
                return spec
        return None


class Loader:
    """Loads a module as its own loader does, then has it changed."""

    def __init__(self, own: Any, change: Callable[[Any], None]) -> None:
        self._own, self._change = own, change

    def create_module(self, spec: Any) -> Any:
        """As its own loader does."""
        return self._own.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """Give it its own loader back first: nobody will see this one."""
        module.__spec__.loader = module.__loader__ = self._own
        self._own.exec_module(module)
        self._change(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)
