"""The seatbelt of Python programs: fastened in a process, and by `sitecustomize` in any other."""

import asyncio
import importlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import aiohttp
import certifi
import pytest
import requests
import urllib3
from aiohttp import web
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from mockserver import MockTwilio
from mockserver.environment import CERTIFICATE, INJECTED, URL
from mockserver.injected.twilio_mockserver_seatbelt import Proxy, Seatbelt, is_twilios

HERE = "http://localhost:2010"
HOST = "api.twilio.com"
FROM = "+15017122661"
LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr")


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    """A fresh sandbox."""
    with MockTwilio() as twilio:
        yield twilio


@pytest.fixture
def belt() -> Iterator[Seatbelt]:
    """One that is fastened; nobody answers where it leads."""
    with Seatbelt(HERE, "/nowhere/ca.pem") as belt:
        yield belt


def basic(twilio: MockTwilio) -> str:
    """The account's login."""
    return "Basic " + b64encode(f"{twilio.account_sid}:{twilio.auth_token}".encode()).decode()


def standing() -> list[object]:
    """Everything that a seatbelt changes, and what finds modules."""
    changed = [getattr(socket, name) for name in LOOK_UPS]
    changed += [aiohttp.ClientSession.__dict__["_request"], dict(vars(socket.socket))]
    changed += [requests.adapters.HTTPAdapter.__dict__["send"]]
    changed += [dict(vars(ssl.SSLContext))]
    if "uvloop" in sys.modules:
        loop = sys.modules["uvloop"].Loop
        changed += [dict(vars(loop))]
    return [*changed, list(sys.meta_path)]


# -- names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("look_up", LOOK_UPS)
@pytest.mark.parametrize("host", [HOST, "API.Twilio.COM.", b"verify.twilio.com", "twilio.com"])
def test_twilios_names_are_not_looked_up(belt: Seatbelt, look_up: str, host: str | bytes) -> None:
    """The error is a resolver's, which clients know; it names the fix."""
    more = (443,) if look_up == "getaddrinfo" else ()
    with pytest.raises(socket.gaierror, match=f"trust_env=True.*base URL {HERE}") as refused:
        getattr(socket, look_up)(host, *more)
    assert refused.value.errno == socket.EAI_FAIL


@pytest.mark.parametrize("host", [None, "", "127.0.0.1", "localhost", "nottwilio.com", 7])
def test_others_are_not_twilios(host: object) -> None:
    """Neither what ends the same, nor what is no name."""
    assert not is_twilios(host)


def test_other_names_are_looked_up(belt: Seatbelt) -> None:
    """With all that can be said of a look-up."""
    found = socket.getaddrinfo(host="127.0.0.1", port=1, type=socket.SOCK_STREAM)
    assert found[0][4] == ("127.0.0.1", 1)
    assert socket.gethostbyname("127.0.0.1") == "127.0.0.1"


@pytest.mark.parametrize("connect", ["connect", "connect_ex"])
def test_a_socket_that_is_given_a_name_is_refused(belt: Seatbelt, connect: str) -> None:
    """It would look the name up itself; addresses, and paths of Unix sockets, are its own."""
    with socket.socket() as one, pytest.raises(socket.gaierror, match=HOST):
        getattr(one, connect)((HOST, 443))
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as one:
        assert not getattr(one, connect)(server.getsockname())
    with socket.socket(socket.AF_UNIX) as one, pytest.raises(FileNotFoundError):
        one.connect("/nowhere/socket")


async def test_asyncio_is_refused_too(belt: Seatbelt) -> None:
    """A look-up, and a connection."""
    loop = asyncio.get_running_loop()
    with pytest.raises(socket.gaierror, match=HOST):
        await loop.getaddrinfo(HOST, 443)
    with pytest.raises(socket.gaierror, match=HOST):
        await asyncio.open_connection(HOST, 443)


def test_uvloop_is_refused_too(belt: Seatbelt) -> None:
    """Though it asks the system without Python."""
    uvloop = pytest.importorskip("uvloop")

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        with pytest.raises(socket.gaierror, match=HOST):
            await loop.getaddrinfo(HOST, 443)
        with pytest.raises(socket.gaierror, match=HOST):
            await loop.create_connection(asyncio.Protocol, HOST, 443)
        with pytest.raises(socket.gaierror, match=HOST):
            await loop.create_connection(protocol_factory=asyncio.Protocol, host=HOST, port=443)
        assert await loop.getaddrinfo("127.0.0.1", 1)

    uvloop.run(ask())


def test_a_client_that_goes_past_the_proxy_says_why(twilio: MockTwilio) -> None:
    """What a program prints whose client reads no environment."""
    why = "keeps this program from the real"
    with (
        twilio.patched_environ(),
        urllib3.PoolManager(retries=False) as pool,
        pytest.raises(urllib3.exceptions.HTTPError, match=why),
    ):
        pool.request("GET", f"https://{HOST}/")


# -- requests --------------------------------------------------------------------------------------


def plain(session: requests.Session, url: str) -> requests.Response:
    """As most programs do."""
    return session.get(url)


def prepared(session: requests.Session, url: str) -> requests.Response:
    """As the `twilio` library did up to 7.9: without the environment's certificates."""
    return session.send(session.prepare_request(requests.Request("GET", url)))


def by_itself(session: requests.Session, url: str) -> requests.Response:
    """Told to read no environment."""
    session.trust_env = False
    return session.get(url)


def through_another(session: requests.Session, url: str) -> requests.Response:
    """Through a proxy that is named in the code."""
    return session.get(url, proxies={"https": "http://127.0.0.1:9"})


def with_roots(session: requests.Session, url: str) -> requests.Response:
    """With the certificates that the program brings."""
    return session.get(url, verify=certifi.where())


@pytest.mark.parametrize("ask", [plain, prepared, by_itself, through_another, with_roots])
def test_requests_takes_the_proxy_and_trusts_the_mock(
    twilio: MockTwilio, ask: Callable[[requests.Session, str], requests.Response]
) -> None:
    """For Twilio's hosts, whatever it was told."""
    with twilio.patched_environ(), requests.Session() as session:
        session.auth = (twilio.account_sid, twilio.auth_token)
        assert ask(session, f"https://{HOST}/2010-04-01/Accounts.json").status_code == 200
    assert [call.host for call in twilio.requests()] == [HOST]


def test_roots_that_are_named_are_not_all_that_is_trusted(twilio: MockTwilio) -> None:
    """A context with certifi's roots, as httpx and urllib3 are told, trusts the mock for Twilio."""
    headers = urllib3.make_headers(basic_auth=f"{twilio.account_sid}:{twilio.auth_token}")
    with twilio.patched_environ():
        context = ssl.create_default_context(cafile=certifi.where())
        with urllib3.ProxyManager(twilio.base_url, ssl_context=context) as pool:
            answer = pool.request(
                "GET", f"https://{HOST}/2010-04-01/Accounts.json", headers=headers
            )
    assert answer.status == 200


def test_without_the_mocks_certificate_other_roots_are_read() -> None:
    """A file that went ends no program."""
    with Seatbelt(HERE, "/nowhere"):
        assert ssl.create_default_context(cafile=certifi.where()).get_ca_certs()


def test_requests_goes_straight_to_the_mock(twilio: MockTwilio) -> None:
    """Also a client that has a proxy of its own, whose requests are redirected there."""
    through = TwilioHttpClient(proxy=dict.fromkeys(("http", "https"), "http://127.0.0.1:9"))
    with twilio.patched_environ(), through.session:
        Client(http_client=through).messages.create(to="+15558675310", from_=FROM, body="Hi")
    twilio.assert_sent(body="Hi", times=1)


def test_a_program_that_trusts_anybody_goes_on_to(belt: Seatbelt) -> None:
    """Certificates that are not asked for are not, and what stands for no proxy is exchanged."""
    asked: dict[str, Any] = {"verify": False, "proxies": None}
    belt.bring(asked)
    assert asked == {"verify": False, "proxies": {"http": HERE, "https": HERE}}


def test_requests_goes_straight_to_others() -> None:
    """Also after a redirection from a host of Twilio's: what was put in is for that one alone."""
    asked = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302 if HOST in self.path else 204)
            self.send_header("Location", f"{here}/next")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is written."""

    with HTTPServer(("127.0.0.1", 0), Answering) as server, requests.Session() as session:
        here = f"http://127.0.0.1:{server.server_port}"
        session.trust_env = False
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        with Seatbelt(here, "/nowhere"):
            assert session.get(f"http://{HOST}/media").status_code == 204
        server.shutdown()
        thread.join()
    assert asked == [f"http://{HOST}/media", "/next"]


# -- aiohttp ---------------------------------------------------------------------------------------

Asking = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize("options", [{}, {"trust_env": True}, {"base_url": f"https://{HOST}/"}])
async def test_aiohttp_takes_the_proxy(twilio: MockTwilio, options: dict[str, Any]) -> None:
    """For Twilio's hosts, whether or not it was told to read the environment."""
    login = basic(twilio)
    path = "/2010-04-01/Accounts.json"
    url = path if "base_url" in options else f"https://{HOST}{path}"
    with twilio.patched_environ():
        async with aiohttp.ClientSession(**options) as session:
            async with session.get(url, headers={"Authorization": login}) as answer:
                assert answer.status == 200
            assert (await session.post(url)).status == 401
    assert {call.host for call in twilio.requests()} == {HOST}


@pytest.mark.parametrize("given", [None, "own context", False])
async def test_aiohttp_trusts_the_mock(twilio: MockTwilio, given: object, tmp_path: Path) -> None:
    """Also where a program brings the roots that it trusts; one that trusts all goes on to."""

    options: dict[str, Any] = (
        {} if given is None else {"ssl": ssl.create_default_context() if given else False}
    )
    with twilio.patched_environ():
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"https://{HOST}/", proxy="http://127.0.0.1:9", **options) as answer,
        ):
            assert answer.status == 404
            assert (await answer.json())["code"] == 20404


async def test_aiohttp_goes_straight_to_others(belt: Seatbelt, aiohttp_server: Any) -> None:
    """As it did before; and what is no URL is still its own complaint."""

    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    server = await aiohttp_server(app)
    async with aiohttp.ClientSession() as session:
        async with session.get(server.make_url("/")) as answer:
            assert await answer.text() == "hello"
        with pytest.raises(aiohttp.InvalidURL):
            await session.get("http://[")


async def test_the_innermost_counts(twilio: MockTwilio) -> None:
    """As where a test's own mock is used in a suite that runs under `run`."""
    with MockTwilio() as outer, outer.patched_environ(), twilio.patched_environ():
        async with aiohttp.ClientSession() as session:
            url = f"https://{HOST}/2010-04-01/Accounts/{twilio.account_sid}/Messages.json"
            async with session.get(url, headers={"Authorization": basic(twilio)}) as answer:
                assert answer.status == 200
    assert len(twilio.requests()) == 1


def test_a_request_that_is_steered_already_stays_so() -> None:
    """By a seatbelt within."""
    asked: dict[str, Any] = {"proxy": Proxy("http://inner")}
    Seatbelt("http://outer", "/nowhere").steer(asked)
    assert asked == {"proxy": "http://inner"}
    asked = {"proxies": {"https": Proxy("http://inner")}, "verify": "inner"}
    Seatbelt("http://outer", "/nowhere").bring(asked)
    assert asked == {"proxies": {"https": "http://inner"}, "verify": "inner"}


# -- undone ----------------------------------------------------------------------------------------


def test_all_is_as_before() -> None:
    """Look-ups, sessions, event loops and the finders of modules; also when the block fails."""
    importlib.import_module("uvloop")
    before = standing()
    belt = Seatbelt(HERE, "/nowhere")
    belt.fasten()
    assert standing() != before
    with Seatbelt(HERE, "/nowhere"):
        pass
    belt.loosen()
    assert standing() == before
    belt.loosen()
    assert standing() == before
    with pytest.raises(KeyError), Seatbelt(HERE, "/nowhere"):
        raise KeyError
    assert standing() == before


def test_a_module_is_changed_when_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps its own loader, and can be used without the belt again."""
    (tmp_path / "uvloop.py").write_text(
        "class Loop:\n"
        "    async def getaddrinfo(self, host, *more): return host\n"
        "    create_connection = None\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "uvloop", raising=False)
    with Seatbelt(HERE, "/nowhere"), Seatbelt(HERE, "/nowhere"):
        stand_in: ModuleType = importlib.import_module("uvloop")
        assert type(stand_in.__loader__).__name__ == "SourceFileLoader"
        assert stand_in.__spec__ is not None
        assert stand_in.__spec__.loader is stand_in.__loader__
        with pytest.raises(socket.gaierror):
            asyncio.run(stand_in.Loop().getaddrinfo(HOST, 1))
        assert asyncio.run(stand_in.Loop().getaddrinfo("other", 1)) == "other"
    assert asyncio.run(stand_in.Loop().getaddrinfo(HOST, 1)) == HOST
    assert stand_in.Loop.create_connection is None


# -- sitecustomize ---------------------------------------------------------------------------------


def ran(script: str, *path: Path | str, python: str = sys.executable, **more: str) -> str:
    """What a fresh Python prints with this path; it fails where Python does."""
    environ = {name: each for name, each in os.environ.items() if name != "PYTHONPATH"}
    environ |= {"PYTHONPATH": os.pathsep.join(map(str, path)), **more}
    command = [python, "-c", script]
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


BELTED = {URL: HERE, CERTIFICATE: "/nowhere/ca.pem"}
ASK = f"import socket\ntry: socket.gethostbyname({HOST!r})\nexcept OSError as e: print(e)"


def test_a_fresh_python_is_belted() -> None:
    """Its path is as before, and it has loaded next to nothing."""
    assert "keeps this program from the real" in ran(ASK, INJECTED, **BELTED)
    path = "import sys; print(sys.path[1:])"
    assert ran(path, INJECTED, **BELTED) == ran(path)
    loaded = "import sys; print(*sys.modules)"
    new = set(ran(loaded, INJECTED, **BELTED).split()) - set(ran(loaded).split())
    assert new <= {"sitecustomize", "twilio_mockserver_seatbelt", "__future__"}


@pytest.mark.parametrize("before", ["", "import sys; sys.stderr = None"])
def test_an_error_that_is_swallowed_is_told_once(before: str) -> None:
    """On standard error, where there is one, for each host: the program itself shows nothing."""
    script = f"""{before}
import socket
for host in ("api.twilio.com", "api.twilio.com", "verify.twilio.com"):
    try:
        socket.gethostbyname(host)
    except OSError:
        pass
"""
    told = ran(script, INJECTED, **BELTED).splitlines()
    hosts = [] if before else ["api", "verify"]
    assert [line.partition(".twilio.com")[0] for line in told] == [
        f"twilio-mockserver keeps this program from the real {host}" for host in hosts
    ]


def test_the_sitecustomize_that_was_there_runs(tmp_path: Path) -> None:
    """As without ours, complaints included; a Python without one is not told."""
    own = tmp_path / "sitecustomize.py"
    own.write_text("print('own', __name__, __file__)")
    script = "import sitecustomize; print(sitecustomize.__file__)"
    assert ran(script, INJECTED, tmp_path, **BELTED) == f"own sitecustomize {own}\n{own}\n"
    own.write_text("import nothing_of_that_name")
    assert "nothing_of_that_name" in ran("pass", INJECTED, tmp_path, **BELTED)
    assert ran("pass", INJECTED, **BELTED) == ""


def test_without_a_mock_nothing_is_done() -> None:
    """As in a process whose environment was emptied but for the path."""
    assert ran("import sys; print('twilio_mockserver_seatbelt' in sys.modules)", INJECTED) == (
        "False\n"
    )


def test_what_goes_wrong_ends_no_program(tmp_path: Path) -> None:
    """A line says that there is no seatbelt, and the program goes on."""
    shutil.copy(INJECTED / "sitecustomize.py", tmp_path)  # without what it imports
    said = ran("print('on')", tmp_path, **BELTED)
    assert said.startswith("on\n")
    assert "has no seatbelt: ModuleNotFoundError" in said


@pytest.mark.parametrize("module", [each.name for each in INJECTED.glob("*.py")])
def test_older_pythons_can_read_it(module: str) -> None:
    """Programs under `run` may be of any Python from 3.7 on."""
    import ast

    ast.parse((INJECTED / module).read_text(encoding="utf-8"), feature_version=(3, 7))
