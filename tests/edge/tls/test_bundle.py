"""Which roots a bundle holds."""

import ssl
from pathlib import Path

import pytest

from mockserver.edge.tls import bundle
from mockserver.edge.tls.authority import Pair
from mockserver.edge.tls.bundle import MARK, bundled, system_roots


def places(file: str, folder: str) -> ssl.DefaultVerifyPaths:
    return ssl.DefaultVerifyPaths("", "", "SSL_CERT_FILE", file, "SSL_CERT_DIR", folder)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A system that keeps its roots in `file` and `folder` of this folder, or does not."""
    found = places(str(tmp_path / "file"), str(tmp_path / "folder"))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: found)
    monkeypatch.setattr(bundle, "USUAL", ())
    return tmp_path


def test_ours_stands_behind_the_systems(authority: Pair) -> None:
    """A client loads all of them, and ours says what it is."""
    text = bundled(system_roots(), authority.public)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=text.decode())
    issuers = [str(root["issuer"]) for root in context.get_ca_certs()]
    assert len([issuer for issuer in issuers if "twilio-mockserver" in issuer]) == 1
    assert len(issuers) == text.count(b"BEGIN CERTIFICATE")
    assert text.endswith(MARK + authority.public)


def test_without_roots_ours_is_there() -> None:
    """An image without any has at least what the mock needs."""
    assert bundled(b"", b"ours\n") == MARK + b"ours\n"


def test_roots_are_a_file(nowhere: Path) -> None:
    """Where OpenSSL looks for it."""
    (nowhere / "file").write_bytes(b"roots")
    assert system_roots() == b"roots"


def test_a_users_own_bundle_is_not_the_systems(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that names a bundle of ours would put it into itself."""
    (nowhere / "file").write_bytes(b"roots")
    (nowhere / "own").write_bytes(b"own")
    monkeypatch.setenv("SSL_CERT_FILE", str(nowhere / "own"))
    assert system_roots() == b"roots"


def test_roots_are_a_folder(nowhere: Path) -> None:
    """Each certificate once, under however many names; what is none is left out."""
    (nowhere / "folder").mkdir()
    one, two = b"-----BEGIN CERTIFICATE-----\n1\n", b"-----BEGIN CERTIFICATE-----\n2\n"
    for name, text in {"a.0": one, "a.pem": one, "b.0": two, "README": b"hello"}.items():
        (nowhere / "folder" / name).write_bytes(text)
    assert system_roots() == one + two.rstrip()


def test_certifi_is_the_last_resort(nowhere: Path) -> None:
    """It is there wherever `requests` is."""
    certifi = pytest.importorskip("certifi")
    assert nowhere.exists()
    assert system_roots() == Path(certifi.where()).read_bytes()


def test_without_certifi_python_is_asked(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, authority: Pair
) -> None:
    """As on Windows, whose roots are in no file."""
    monkeypatch.setattr(bundle, "find_spec", lambda _: None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority.public.decode())
    monkeypatch.setattr(ssl, "create_default_context", lambda: context)
    assert nowhere.exists()
    assert system_roots() == authority.public
