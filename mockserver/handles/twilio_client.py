"""Twilio's own Python clients, wired to the mock. PYTEST_DONT_REWRITE

`twilio` is imported when somebody asks for a client, and not before: it takes 0.1 s.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from twilio.http.async_http_client import AsyncTwilioHttpClient
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

NEEDED: Final = "twilio's Python library is not installed: pip install twilio"

_TWILIO: Final = re.compile(
    r"https?://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*\.twilio\.com)(?::[0-9]+)?(?P<rest>[/?].*)?",
    re.IGNORECASE | re.DOTALL,
).fullmatch


def redirected(
    base_url: str, url: str, headers: dict[str, str] | None
) -> tuple[str, dict[str, str] | None]:
    """A request for Twilio as one for the mock, which knows the product by `Host`.

    Requests for others stay what they are.
    """
    if (match := _TWILIO(url)) is None:
        return url, headers
    return base_url + (match["rest"] or "/"), {**(headers or {}), "Host": match["host"]}


def authorised(
    headers: dict[str, str] | None, auth: tuple[str, str] | None
) -> dict[str, str] | None:
    """Basic auth as a header.

    Twilio's asynchronous client leaves it to aiohttp, which from 3.14 on warns of that.
    """
    if auth is None:
        return headers
    secret = b64encode(":".join(auth).encode()).decode()
    return {**(headers or {}), "Authorization": f"Basic {secret}"}


def http_client(base_url: str) -> "TwilioHttpClient":
    """Twilio's synchronous HTTP client, sending to the mock; raise `ImportError`."""
    try:
        from twilio.http.http_client import TwilioHttpClient
    except ImportError as missing:
        raise ImportError(NEEDED) from missing

    class MockHttpClient(TwilioHttpClient):  # type: ignore[misc]  # twilio has no types
        """Sends what is meant for `*.twilio.com` to the mock."""

        def request(
            self,
            method: str,
            url: str,
            params: Any = None,
            data: Any = None,
            headers: dict[str, str] | None = None,
            *args: Any,
            **kwargs: Any,
        ) -> Any:
            url, headers = redirected(base_url, url, headers)
            return super().request(method, url, params, data, headers, *args, **kwargs)

    made = MockHttpClient()
    made.session.trust_env = False  # neither a proxy nor a .netrc is meant for the mock
    return made


def async_http_client(base_url: str) -> "AsyncTwilioHttpClient":
    """Twilio's asynchronous HTTP client, sending to the mock; raise `ImportError`.

    It opens a session for each request, so that it belongs to no event loop and leaves nothing
    open, whoever forgets to close it.
    """
    try:
        from twilio.http.async_http_client import AsyncTwilioHttpClient
    except ImportError as missing:
        raise ImportError(NEEDED) from missing

    class AsyncMockHttpClient(AsyncTwilioHttpClient):  # type: ignore[misc]  # twilio has no types
        """Sends what is meant for `*.twilio.com` to the mock."""

        async def request(
            self,
            method: str,
            url: str,
            params: Any = None,
            data: Any = None,
            headers: dict[str, str] | None = None,
            auth: tuple[str, str] | None = None,
            *args: Any,
            **kwargs: Any,
        ) -> Any:
            url, headers = redirected(base_url, url, authorised(headers, auth))
            async with AsyncTwilioHttpClient(timeout=self.timeout, logger=self.logger) as once:
                return await once.request(method, url, params, data, headers, None, *args, **kwargs)

    return AsyncMockHttpClient(pool_connections=False)


def client(account_sid: str, auth_token: str, http: Any) -> "Client":
    """`twilio.rest.Client` over one of the HTTP clients above."""
    from twilio.rest import Client

    return Client(account_sid, auth_token, http_client=http)


@contextmanager
def redirecting(base_url: str) -> Iterator[None]:
    """Twilio's own HTTP clients send to the mock, whoever made them, if the library is there.

    Their `request` is exchanged, and put back afterwards.
    """
    with ExitStack() as restoring:
        for each, wrapped in _own_clients():
            original = each.__dict__["request"]
            each.request = wrapped(base_url, original)
            restoring.callback(setattr, each, "request", original)
        yield


Request = Callable[..., Any]


def _own_clients() -> tuple[tuple[Any, Callable[[str, Request], Request]], ...]:
    try:
        from twilio.http.async_http_client import AsyncTwilioHttpClient
        from twilio.http.http_client import TwilioHttpClient
    except ImportError:
        return ()
    return (TwilioHttpClient, _wrapped), (AsyncTwilioHttpClient, _wrapped_async)


def _wrapped(base_url: str, original: Request) -> Request:
    @wraps(original)
    def request(
        self: Any,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: dict[str, str] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        url, headers = redirected(base_url, url, headers)
        return original(self, method, url, params, data, headers, *args, **kwargs)

    return request


def _wrapped_async(base_url: str, original: Request) -> Request:
    @wraps(original)
    async def request(
        self: Any,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        url, headers = redirected(base_url, url, authorised(headers, auth))
        return await original(self, method, url, params, data, headers, None, *args, **kwargs)

    return request
