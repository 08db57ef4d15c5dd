"""The environment that makes unmodified programs talk to the mock. PYTEST_DONT_REWRITE

Standard library only: this runs inside other people's test processes.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")

HOSTS: Final = Path("/etc/hosts")

MOST_NAMES: Final = 64
"""Names of a hosts file that are taken for this machine's own; a file with more blocks strangers'
names by leading them here."""

TWILIO: Final = "twilio.com"

BUNDLES: Final = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "TWILIO_CA_BUNDLE")
"""Variables that name a file of roots: requests, OpenSSL (and httpx, Go, Ruby, PHP), curl, Twilio's
Node library."""

KEYS: Final = ("TWILIO_API_KEY", "TWILIO_API_KEY_SID")
SECRETS: Final = ("TWILIO_API_SECRET", "TWILIO_API_KEY_SECRET")
"""What the Twilio CLI and many programs take instead of the Auth Token."""

NODE: Final = "NODE_EXTRA_CA_CERTS"
"""Names a file of roots that Node takes besides its own."""

PERL_PROXY, PERL_BUNDLE = "PERL_LWP_ENV_PROXY", "PERL_LWP_SSL_CA_FILE"
"""Whether Perl's LWP heeds the variables of a proxy, and its file of roots."""

PHP: Final = "PHP_INI_SCAN_DIR"
"""Names folders of `.ini` files; an empty one in the list is the folder PHP was built with."""

URL, CERTIFICATE = "TWILIO_MOCKSERVER_URL", "TWILIO_MOCKSERVER_CA"
"""Variables of `run`, for the seatbelts."""

HANDED: Final = "TWILIO_MOCKSERVER_HANDED"
"""A variable of `run` too: what children get whom a program gives their environment, as JSON."""

CREDENTIALS: Final = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", *KEYS, *SECRETS)
"""What is the program's own to hand on, or not."""

JAVA_SPARED: Final = ("localhost", "127.*", "[::1]", "0.0.0.0", "[::0]")
"""Hosts that Java goes to without a proxy if it is told of none."""

STORE_PASSWORD: Final = "changeit"
"""Of the trust store, in which nothing is secret; Java's own stores have it too."""

INJECTED: Final = Path(__file__).with_name("injected")
"""The folder with the `sitecustomize` of `run`."""

REQUIRED: Final = INJECTED / "twilio_mockserver_seatbelt.cjs"
"""What `run` has every Node program require first."""

PHP_SETTINGS: Final = INJECTED / "php"
"""The folder with the `.ini` file that gives PHP the roots of `SSL_CERT_FILE`."""


@dataclass(frozen=True, slots=True)
class Mock:
    """A running server, as a program under test shall see it."""

    url: str
    account_sid: str
    auth_token: str
    certificate: Path
    """The mock's CA alone, as PEM."""
    bundle: Path
    """The user's own bundle or the system's roots, and that."""
    extra: Path | None = None
    """What Node trusts besides the roots it has: the user's own and the mock's CA, if not that
    alone."""

    @property
    def proxy(self) -> str:
        """The server as a proxy: without a path."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


def for_tests(mock: Mock, outer: Mapping[str, str]) -> dict[str, str]:
    """What a test's fixture sets: credentials, proxy for HTTPS, exceptions to it, roots."""
    return {
        "TWILIO_ACCOUNT_SID": mock.account_sid,
        "TWILIO_AUTH_TOKEN": mock.auth_token,
        **api_key(mock, outer),
        **_twice("HTTPS_PROXY", mock.proxy),
        **_twice("NO_PROXY", spared(outer, mock.proxy)),
        **dict.fromkeys(BUNDLES, str(mock.bundle)),
        NODE: str(mock.extra or mock.certificate),
    }


def api_key(mock: Mock, outer: Mapping[str, str]) -> dict[str, str]:
    """The key that the mock gives every account, where the user has one; else nothing.

    Programs prefer a key to the token where there is one, so none is set for those that have none.
    """
    key = f"SK{mock.account_sid[2:]}"
    values = {**dict.fromkeys(KEYS, key), **dict.fromkeys(SECRETS, mock.auth_token)}
    return {name: value for name, value in values.items() if outer.get(name)}


def for_programs(mock: Mock, outer: Mapping[str, str], java: Path | None = None) -> dict[str, str]:
    """What `env` prints and `run` sets, for all languages; `java` is the trust store."""
    values = {
        **for_tests(mock, outer),
        **_twice("HTTP_PROXY", mock.proxy),
        PHP: php_folders(outer.get(PHP)),
        PERL_PROXY: "1",
        PERL_BUNDLE: str(mock.bundle),
    }
    if java is not None:
        values["JAVA_TOOL_OPTIONS"] = java_options(mock, java, outer)
    return values


def for_command(mock: Mock, outer: Mapping[str, str], java: Path | None = None) -> dict[str, str]:
    """All that `run` sets: `for_programs`, `with_seatbelt`, and what is handed on of both."""
    programs = for_programs(mock, outer, java)
    return {**programs, **with_seatbelt(mock, outer), HANDED: handed(programs, mock)}


def handed(programs: Mapping[str, str], mock: Mock) -> str:
    """What makes the seatbelt, without the user's own part of `PYTHONPATH` and `NODE_OPTIONS`."""
    values = {**programs, **with_seatbelt(mock, {})}
    return json.dumps({name: each for name, each in values.items() if name not in CREDENTIALS})


def with_seatbelt(mock: Mock, outer: Mapping[str, str]) -> dict[str, str]:
    """What `run` sets besides, for Python and Node: ours stands before all that the user has."""
    path = [str(INJECTED), *filter(None, [outer.get("PYTHONPATH")])]
    return {
        URL: mock.url,
        CERTIFICATE: str(mock.certificate),
        "PYTHONPATH": os.pathsep.join(path),
        "NODE_OPTIONS": node_options(outer),
    }


def node_options(outer: Mapping[str, str], required: Path = REQUIRED) -> str:
    """`NODE_OPTIONS`: ours, then the user's, so that what those load is led to the mock too.

    In quotes Node takes a backslash as the sign that a quote or a backslash follows.
    """
    path = str(required).replace("\\", "\\\\").replace('"', '\\"')
    return " ".join([f'--require "{path}"', *filter(None, [outer.get("NODE_OPTIONS")])])


def php_folders(own: str | None, ours: Path = PHP_SETTINGS) -> str:
    """`PHP_INI_SCAN_DIR`: the user's, or what PHP was built with, then ours, once.

    Empty is no folder at all to PHP, and absent the one it was built with; a folder that is named
    twice is read twice, and PHP complains of its extensions.
    """
    folders = [] if own == "" else (own or "").split(os.pathsep)
    return os.pathsep.join([*folders, *({str(ours)} - set(folders))])


def spared(outer: Mapping[str, str], url: str = "") -> str:
    """`NO_PROXY`: the user's entries, less any that match Twilio's hosts, loopback and the mock."""
    kept = _kept(outer)
    ours = dict.fromkeys([*LOOPBACK, urlsplit(url).hostname or LOOPBACK[0]])
    return ",".join([*kept, *(host for host in ours if host not in kept)])


def at_home(outer: Mapping[str, str], hosts: Path = HOSTS) -> dict[str, str]:
    """`outer`, with the names in `NO_PROXY` that the hosts file gives to loopback.

    The proxy passes nothing on to loopback, and a program's own server may go by such a name.
    """
    listed = outer.get("no_proxy") or outer.get("NO_PROXY") or ""
    names = own_names(hosts)
    return {**outer, **_twice("NO_PROXY", ",".join(filter(None, [listed, *names])))}


def own_names(hosts: Path = HOSTS) -> list[str]:
    """This machine's names in a hosts file besides `localhost`; none where it cannot be read."""
    try:
        lines = hosts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    words = [line.partition("#")[0].split() for line in lines]
    here = [each for each in words if each and (each[0] == "::1" or each[0].startswith("127."))]
    names = dict.fromkeys(name for each in here for name in each[1:] if name not in LOOPBACK)
    return list(names) if len(names) <= MOST_NAMES else []


def before(outer: Mapping[str, str]) -> str:
    """The proxy for HTTPS that is set already; '' for none."""
    names = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    return next(filter(None, map(outer.get, names)), "")


def java_options(mock: Mock, store: Path, outer: Mapping[str, str]) -> str:
    """`JAVA_TOOL_OPTIONS`: the user's, then ours, which win."""
    at = urlsplit(mock.proxy)
    hosts = [*JAVA_SPARED, *(each for entry in _kept(outer) for each in _java_hosts(entry))]
    options = {
        "http.proxyHost": at.hostname or "",
        "http.proxyPort": str(at.port or 80),
        "https.proxyHost": at.hostname or "",
        "https.proxyPort": str(at.port or 80),
        "http.nonProxyHosts": "|".join(dict.fromkeys(hosts)),
        "javax.net.ssl.trustStore": str(store),
        "javax.net.ssl.trustStoreType": "PKCS12",
        "javax.net.ssl.trustStorePassword": STORE_PASSWORD,
    }
    words = [_quoted(f"-D{name}={value}") for name, value in options.items()]
    return " ".join([*filter(None, [outer.get("JAVA_TOOL_OPTIONS")]), *words])


@contextmanager
def patched(values: Mapping[str, str]) -> Iterator[None]:
    """`os.environ` with `values`; afterwards those variables are exactly as they were before."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _twice(name: str, value: str) -> dict[str, str]:
    """Some programs read the one, some the other; Python prefers the second."""
    return {name: value, name.lower(): value}


def _kept(outer: Mapping[str, str]) -> list[str]:
    """The entries of `NO_PROXY` that do not match Twilio's hosts."""
    entries = (outer.get("no_proxy") or outer.get("NO_PROXY") or "").replace(",", " ").split()
    return [entry for entry in dict.fromkeys(entries) if not _meets_twilio(entry)]


def _meets_twilio(entry: str) -> bool:
    """Whether an entry of `NO_PROXY` matches a host of Twilio's: `*`, `.com`, `api.twilio.com`."""
    name = entry.lower()
    if name.count(":") == 1:  # a port; more are an address
        name = name.partition(":")[0]
    host = name.lstrip("*").strip(".")
    if name.startswith("*") and TWILIO.endswith(host):
        return True
    return bool(host) and (f".{TWILIO}".endswith(f".{host}") or f".{host}".endswith(f".{TWILIO}"))


def _java_hosts(entry: str) -> Iterable[str]:
    """An entry of `NO_PROXY` as Java has it: a host means those below it, too."""
    host = entry.lstrip("*").lstrip(".")
    if not host or ":" in host or "/" in host:  # Java knows no networks, and no ports here
        return ()
    return (f"*.{host}",) if entry[0] in ".*" else (host, f"*.{host}")


def _quoted(word: str) -> str:
    """A word with spaces, as Java's launcher reads it."""
    return f'"{word}"' if any(each.isspace() for each in word) else word
