"""The files that programs trust."""

import os
import shutil
import ssl
import stat
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest

from mockserver import trust
from mockserver.edge.tls.authority import make_authority
from mockserver.edge.tls.bundle import system_roots
from mockserver.environment import STORE_PASSWORD
from mockserver.trust import MOST, java_store, trusted

NOW = datetime(2026, 12, 1, tzinfo=UTC)
CA, OTHER, FIRST, SECOND = (make_authority(NOW).public for _ in range(4))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home for this user's files."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "twilio-mockserver" / "trust"


def test_the_system_and_the_mock_are_trusted(folder: Path) -> None:
    """The one file has ours alone, the other the system's roots as well; nobody else writes there.

    Asking again gives the same files.
    """
    made = trusted(CA, {})
    assert made.certificate.read_bytes() == CA
    bundle = ssl.create_default_context(cafile=made.bundle)
    system = ssl.create_default_context(cadata=system_roots().decode())
    assert len(bundle.get_ca_certs()) == len(system.get_ca_certs()) + 1
    assert made.bundle.parent == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert trusted(CA, {}) == made


def test_the_users_own_bundle_takes_the_systems_place(tmp_path: Path) -> None:
    """Several are joined; a folder counts as its files, one that is not there as nothing.

    Of a file that holds other things the certificates count, a private key above all does not.
    """
    own, more = tmp_path / "own.pem", tmp_path / "more"
    key = b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
    own.write_bytes(b"# the office\n" + FIRST + key)
    more.mkdir()
    (more / "a.pem").write_bytes(SECOND)
    (more / "b.jks").write_bytes(b"\xfe\xed-----BEGIN CERTIFICATE-----")
    (more / "deeper").mkdir()
    outer = {
        "REQUESTS_CA_BUNDLE": str(own),
        "SSL_CERT_FILE": str(own),
        "CURL_CA_BUNDLE": str(more),
        "TWILIO_CA_BUNDLE": str(tmp_path / "gone"),
    }
    text = trusted(CA, outer).bundle.read_bytes()
    assert text.startswith(FIRST + SECOND + b"#")
    assert text.endswith(CA)


@pytest.mark.parametrize("text", [None, b"", b"a host's name\n"])
def test_a_file_without_certificates_is_as_if_it_were_not_named(
    text: bytes | None, tmp_path: Path
) -> None:
    """A client refuses a bundle that has none; the system's roots are better."""
    named = tmp_path / "named"
    if text is not None:
        named.write_bytes(text)
    assert trusted(CA, {"SSL_CERT_FILE": str(named)}) == trusted(CA, {})


def test_a_bundle_that_has_it_already_is_left(tmp_path: Path) -> None:
    """As where a run starts a run: nothing is trusted twice."""
    first = trusted(CA, {})
    second = trusted(CA, {"SSL_CERT_FILE": str(first.bundle)})
    assert second.bundle.read_bytes().count(CA.strip()) == 1
    assert trusted(CA, {"SSL_CERT_FILE": str(second.bundle)}) == second


def test_node_keeps_what_it_was_told_to_trust(tmp_path: Path) -> None:
    """Its variable names one file; without one of the user's it is the CA's own."""
    assert trusted(CA, {"SSL_CERT_FILE": str(tmp_path)}).extra == trusted(CA, {}).certificate
    (tmp_path / "office.pem").write_bytes(FIRST)
    made = trusted(CA, {"NODE_EXTRA_CA_CERTS": str(tmp_path / "office.pem")})
    assert made.extra.read_bytes().startswith(FIRST)
    assert made.extra.read_bytes().endswith(CA)
    assert made.bundle == trusted(CA, {}).bundle
    again = trusted(CA, {"NODE_EXTRA_CA_CERTS": str(made.extra)})
    assert again.extra.read_bytes().count(CA.strip()) == 1


def test_servers_do_not_disturb_each_other() -> None:
    """Each CA has its own files."""
    one, two = trusted(CA, {}), trusted(OTHER, {})
    assert not {one.bundle, one.certificate} & {two.bundle, two.certificate}
    assert one.certificate.read_bytes() == CA


def test_old_files_go(folder: Path) -> None:
    """Those that were not handed out for long; those of the last time stay."""
    first = trusted(CA, {})
    for number in range(MOST):
        path = folder / f"bundle-{number}.pem"
        path.write_bytes(b"x")
        os.utime(path, (number, number))
    again = trusted(CA, {})
    assert again == first
    names = {each.name for each in folder.iterdir()}
    assert len(names) == MOST
    assert {first.bundle.name, first.certificate.name} <= names
    assert "bundle-0.pem" not in names


def test_without_a_home_there_is_a_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else can write there; one that somebody else could is refused."""
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = trusted(CA, {})
    assert made.bundle.parent == tmp_path / f"twilio-mockserver-{os.getuid()}"
    assert stat.S_IMODE(made.bundle.parent.stat().st_mode) == 0o700
    made.bundle.parent.chmod(0o777)
    with pytest.raises(PermissionError, match="somebody else's"):
        trusted(CA, {})


def test_java_gets_a_store_of_trusted_roots(missing: Callable[[str, str], NoReturn]) -> None:
    """Every root stands there as one to be trusted, ours too; it is written once."""
    made = trusted(CA, {})
    path = java_store(made)
    assert path is not None
    written = path.stat().st_ino
    assert java_store(made) == path
    assert path.stat().st_ino == written
    keytool = shutil.which("keytool")
    if keytool is None:
        missing("java", "there is no keytool")
    command = [keytool, "-list", "-keystore", str(path), "-storepass", STORE_PASSWORD]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    roots = ssl.create_default_context(cafile=made.bundle).get_ca_certs()
    assert said.count("trustedCertEntry") == len(roots)


def test_a_certificate_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """The others are there nonetheless, each once."""
    odd = b"-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n"
    (tmp_path / "own.pem").write_bytes(odd + OTHER + OTHER)
    made = trusted(CA, {"SSL_CERT_FILE": str(tmp_path / "own.pem")})
    assert len(trust._certificates(made.bundle.read_bytes())) == 2
    assert java_store(made) is not None
