"""The environment of programs under test."""

import os
from dataclasses import replace
from pathlib import Path
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # it is there

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.environment import (
    BUNDLES,
    INJECTED,
    LOOPBACK,
    MOST_NAMES,
    PHP_SETTINGS,
    REQUIRED,
    Mock,
    at_home,
    before,
    for_programs,
    for_tests,
    java_options,
    node_options,
    own_names,
    patched,
    php_folders,
    spared,
    with_seatbelt,
)

MOCK = Mock("http://localhost:2010/x", "AC1", "t", Path("/ca.pem"), Path("/bundle.pem"))
PROXY = "http://localhost:2010"
OWN = ",".join(LOOPBACK)


def test_a_test_gets_credentials_proxy_and_roots() -> None:
    """A request that escapes costs nothing; `HTTP_PROXY` stays what it was."""
    values = for_tests(MOCK, {})
    assert values == {
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "t",
        "HTTPS_PROXY": PROXY,
        "https_proxy": PROXY,
        "NO_PROXY": OWN,
        "no_proxy": OWN,
        "REQUESTS_CA_BUNDLE": "/bundle.pem",
        "SSL_CERT_FILE": "/bundle.pem",
        "CURL_CA_BUNDLE": "/bundle.pem",
        "TWILIO_CA_BUNDLE": "/bundle.pem",
        "NODE_EXTRA_CA_CERTS": "/ca.pem",
    }
    assert set(BUNDLES) < set(values)


def test_an_api_key_is_replaced() -> None:
    """Under the names that are set, and no others; one that is empty is none."""
    mock = replace(MOCK, account_sid="AC" + "1" * 32)
    own = {"TWILIO_API_KEY": "SKreal", "TWILIO_API_SECRET": "s", "TWILIO_API_KEY_SECRET": ""}
    values = for_tests(mock, own)
    assert values["TWILIO_API_KEY"] == "SK" + "1" * 32
    assert values["TWILIO_API_SECRET"] == "t"
    assert not {"TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET"} & values.keys()
    more = for_tests(mock, {"TWILIO_API_KEY_SID": "SKreal", "TWILIO_API_KEY_SECRET": "s"})
    assert more["TWILIO_API_KEY_SID"] == "SK" + "1" * 32
    assert more["TWILIO_API_KEY_SECRET"] == "t"


def test_node_gets_the_users_roots_too() -> None:
    """Where there are some, in a file of its own."""
    mock = replace(MOCK, extra=Path("/node.pem"))
    assert for_tests(mock, {})["NODE_EXTRA_CA_CERTS"] == "/node.pem"


def test_a_program_gets_a_proxy_for_http_too() -> None:
    """Twilio's Node library reads that one; for Java there are options where there is a store."""
    own = for_tests(MOCK, {})
    more = {name: told for name, told in for_programs(MOCK, {}).items() if name not in own}
    assert more.pop("PHP_INI_SCAN_DIR").endswith(str(PHP_SETTINGS))
    assert more == {
        "HTTP_PROXY": PROXY,
        "http_proxy": PROXY,
        "PERL_LWP_ENV_PROXY": "1",
        "PERL_LWP_SSL_CA_FILE": "/bundle.pem",
    }
    assert "JAVA_TOOL_OPTIONS" in for_programs(MOCK, {}, Path("/java.p12"))


def test_the_seatbelt_comes_before_the_users_path() -> None:
    """An empty `PYTHONPATH` adds no working directory to it."""
    values = with_seatbelt(MOCK, {"PYTHONPATH": "/own"})
    assert values["PYTHONPATH"] == os.pathsep.join([str(INJECTED), "/own"])
    assert with_seatbelt(MOCK, {"PYTHONPATH": ""})["PYTHONPATH"] == str(INJECTED)
    assert (INJECTED / "sitecustomize.py").is_file()


def test_every_node_program_requires_ours_first() -> None:
    """Then what the user's options name; an empty variable adds nothing."""
    assert with_seatbelt(MOCK, {"NODE_OPTIONS": ""})["NODE_OPTIONS"] == f'--require "{REQUIRED}"'
    values = with_seatbelt(MOCK, {"NODE_OPTIONS": "--trace-warnings -r ./own.js"})
    assert values["NODE_OPTIONS"] == f'--require "{REQUIRED}" --trace-warnings -r ./own.js'
    assert REQUIRED.is_file()


def test_a_path_is_quoted_as_node_reads_it() -> None:
    """Blanks, quotes and backslashes; tests/doors/test_node.py asks Node."""
    odd = Path('/my "own"/back\\slash/x.cjs')
    assert node_options({}, odd) == '--require "/my \\"own\\"/back\\\\slash/x.cjs"'


@pytest.mark.parametrize(
    ("own", "folders"),
    [
        (None, ["", "/ours"]),
        ("", ["/ours"]),
        ("/own", ["/own", "/ours"]),
        (os.pathsep + "/own", ["", "/own", "/ours"]),
        (os.pathsep + "/ours", ["", "/ours"]),
    ],
    ids=["absent", "empty", "one", "besides the built-in", "said before"],
)
def test_php_reads_ours_last(own: str | None, folders: list[str]) -> None:
    """After the folder it was built with, unless the user has it read others, or none."""
    assert php_folders(own, Path("/ours")).split(os.pathsep) == folders
    assert [each.suffix for each in PHP_SETTINGS.iterdir()] == [".ini"]


@pytest.mark.parametrize(
    ("own", "kept"),
    [
        ("", ""),
        ("example.org", "example.org,"),
        (" a.org , b.org:8080,", "a.org,b.org:8080,"),
        ("a.org b.org", "a.org,b.org,"),
        ("*", ""),
        ("*.twilio.com,a.org", "a.org,"),
        (".twilio.com,twilio.com,API.Twilio.com", ""),
        ("api.twilio.com:443,.com,com,*.com,*com", ""),
        ("mytwilio.com,twilio.com.example.org", "mytwilio.com,twilio.com.example.org,"),
        ("10.0.0.0/8,fe80::1,[::2]", "10.0.0.0/8,fe80::1,[::2],"),
    ],
)
def test_the_users_exceptions_are_kept(own: str, kept: str) -> None:
    """Less those that would have a request for Twilio go around the mock."""
    assert spared({"NO_PROXY": own}) == kept + OWN
    assert spared({"no_proxy": own, "NO_PROXY": "other.org"}) == spared(
        {"NO_PROXY": own or "other.org"}
    )


def test_what_is_spared_already_is_not_repeated() -> None:
    """Neither loopback nor the mock, which may be a container of the network."""
    assert spared({"NO_PROXY": "localhost,::1"}) == "localhost,::1,127.0.0.1"
    assert spared({}, "http://mock:2010") == f"{OWN},mock"


def test_names_of_this_machine_are_spared(tmp_path: Path) -> None:
    """Those that its hosts file leads to loopback, Twilio's excepted; the user's stay in front."""
    hosts = tmp_path / "hosts"
    hosts.write_text(
        "127.0.0.1 localhost my.test shop  # mine.test\n\n::1 localhost ip6-localhost my.test\n"
        "127.0.1.1\tbox.example\n10.0.0.7 db.test\n#127.0.0.1 gone.test\n127.0.0.1\n"
        "127.0.0.1 api.twilio.com\n"
    )
    names = ["my.test", "shop", "ip6-localhost", "box.example", "api.twilio.com"]
    assert own_names(hosts) == names
    found = spared(at_home({"NO_PROXY": "a.org"}, hosts))
    assert found == f"a.org,my.test,shop,ip6-localhost,box.example,{OWN}"
    assert spared(at_home({"no_proxy": "b.org", "NO_PROXY": "a.org"}, hosts)).startswith("b.org,")
    assert at_home({"X": "1"}, hosts)["X"] == "1"


def test_a_hosts_file_that_tells_no_names(tmp_path: Path) -> None:
    """One that is not there, and one that blocks half the world."""
    assert own_names(tmp_path / "gone") == []
    assert spared(at_home({}, tmp_path / "gone")) == OWN
    names = [f"ads{number}.example" for number in range(MOST_NAMES + 1)]
    (tmp_path / "hosts").write_text("".join(f"127.0.0.1 {name}\n" for name in names))
    assert own_names(tmp_path / "hosts") == []
    (tmp_path / "hosts").write_text("".join(f"127.0.0.1 {name}\n" for name in names[1:]))
    assert own_names(tmp_path / "hosts") == names[1:]


@given(st.lists(st.text("*.:comtwilap1/[]", max_size=14), max_size=4))
def test_no_exception_lets_twilio_through(entries: list[str]) -> None:
    """Whatever the user has there, Python finds no way around the proxy."""
    value = spared({"NO_PROXY": ",".join(entries)})
    for host in ("api.twilio.com", "twilio.com", "api.dublin.ie1.twilio.com"):
        assert not proxy_bypass_environment(host, {"no": value})
    assert proxy_bypass_environment("localhost", {"no": value})


def test_java_is_told_in_its_own_words() -> None:
    """The user's options stay, in front; spaces are quoted, exceptions are patterns."""
    outer = {
        "JAVA_TOOL_OPTIONS": "-Xmx1g",
        "NO_PROXY": "a.org,.b.org,api.twilio.com,10.0.0.0/8,fe80::1,.",
    }
    words = java_options(MOCK, Path("/my folder/java.p12"), outer).split(" -D")
    assert words == [
        "-Xmx1g",
        "http.proxyHost=localhost",
        "http.proxyPort=2010",
        "https.proxyHost=localhost",
        "https.proxyPort=2010",
        "http.nonProxyHosts=localhost|127.*|[::1]|0.0.0.0|[::0]|a.org|*.a.org|*.b.org "
        '"-Djavax.net.ssl.trustStore=/my folder/java.p12"',
        "javax.net.ssl.trustStoreType=PKCS12",
        "javax.net.ssl.trustStorePassword=changeit",
    ]


@pytest.mark.parametrize(
    ("outer", "proxy"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": "http://a"}, "http://a"),
        ({"https_proxy": "http://b", "HTTPS_PROXY": "http://a"}, "http://b"),
        ({"https_proxy": "", "ALL_PROXY": "http://c"}, "http://c"),
        ({"HTTP_PROXY": "http://d"}, ""),
    ],
)
def test_the_proxy_before(outer: dict[str, str], proxy: str) -> None:
    """The one for HTTPS, as Python looks for it."""
    assert before(outer) == proxy


def test_patching_is_undone_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the block fails: what was set is set again, what was not is not."""
    monkeypatch.setenv("WAS_SET", "before")
    monkeypatch.delenv("WAS_NOT", raising=False)
    unpatched = dict(os.environ)
    patch = patched({"WAS_SET": "1", "WAS_NOT": "2"})
    patch.__enter__()
    assert (os.environ["WAS_SET"], os.environ["WAS_NOT"]) == ("1", "2")
    assert not patch.__exit__(KeyError, KeyError(), None)
    assert dict(os.environ) == unpatched
