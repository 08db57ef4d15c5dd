"""Which certificate a handshake presents, seen from a strict client, without a network."""

import os
import ssl
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from mockserver.edge.tls.authority import make_authority
from mockserver.edge.tls.contexts import MOST, Certificates, Kind, vault_of
from mockserver.edge.tls.vault import Folder, Memory, write

API = "api.twilio.com"


class Wall:
    """A wall clock that somebody sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def wall(now: datetime) -> Wall:
    return Wall(now)


@pytest.fixture
def kept(tmp_path: Path, wall: Wall) -> Certificates:
    return Certificates(Folder(tmp_path / "ca"), now=wall)


def shown(certificates: Certificates, asked: str | None, tunnel: str = API) -> x509.Certificate:
    """What a client is shown that names `asked` in a tunnel to another host."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    end = handshake(certificates, context, asked, tunnel)
    der = end.getpeercert(binary_form=True)
    assert der is not None
    return x509.load_der_x509_certificate(der)


def handshake(
    certificates: Certificates, context: ssl.SSLContext, asked: str | None, tunnel: str = API
) -> ssl.SSLObject:
    """The client's end of a finished handshake; raises what the client raises."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(back, there, server_hostname=asked)
    server = certificates.context(tunnel).wrap_bio(there, back, server_side=True)
    for _ in range(4):
        for end in (client, server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return client


def strict(certificates: Certificates) -> ssl.SSLContext:
    """A client that trusts the authority alone, and checks as Python 3.13 does."""
    context = ssl.create_default_context(cadata=certificates.certificate.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def names(certificate: x509.Certificate) -> list[str]:
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return found.value.get_values_for_type(x509.DNSName)


@pytest.mark.parametrize(
    ("asked", "tunnel", "name"),
    [
        (API, API, API),
        ("notify.twilio.com", API, "notify.twilio.com"),
        ("API.Twilio.com", "notify.twilio.com", API),
        (None, "notify.twilio.com", "notify.twilio.com"),
        (None, "Notify.Twilio.Com.", "notify.twilio.com"),
        ("localhost", "notify.twilio.com", "notify.twilio.com"),
        (None, "localhost", API),
        ("twilio.com.example.com", API, API),
        ("twilio.com", API, "twilio.com"),
        ("api.dublin.ie1.twilio.com", API, "api.dublin.ie1.twilio.com"),
        ("a/b.twilio.com", API, API),
    ],
)
def test_whom_the_client_names_counts(
    kept: Certificates, asked: str | None, tunnel: str, name: str
) -> None:
    """The name in the handshake, else the tunnel's; for strangers `api.twilio.com`."""
    assert names(shown(kept, asked, tunnel)) == [name]


def test_it_is_made_once(kept: Certificates, tmp_path: Path, wall: Wall) -> None:
    """The same certificate again and again, after a restart too."""
    assert not kept.ready(API)
    first = shown(kept, API)
    assert kept.ready(API)
    assert shown(kept, API) == first
    assert shown(Certificates(Folder(tmp_path / "ca"), now=wall), API) == first


def test_a_running_server_renews(kept: Certificates, wall: Wall) -> None:
    """Nobody restarts a server for a certificate's sake."""
    first = shown(kept, API)
    wall.at += timedelta(days=59)
    assert shown(kept, API) == first
    wall.at += timedelta(days=2)
    second = shown(kept, API)
    assert second.not_valid_after_utc - first.not_valid_after_utc == timedelta(days=61)


def test_another_server_may_renew_the_authority(
    kept: Certificates, tmp_path: Path, now: datetime
) -> None:
    """What lies in the folder counts, also for those who read it before."""
    first = shown(kept, API)
    new = make_authority(now)
    write(tmp_path / "ca" / "ca-key.pem", new.secret)
    assert kept.certificate == new.public
    second = shown(kept, API)
    second.verify_directly_issued_by(new.certificate)
    assert second.issuer != first.issuer


def test_a_folder_that_went_is_no_reason_to_stop(kept: Certificates, tmp_path: Path) -> None:
    """What programs trust already goes on."""
    before = kept.certificate
    (tmp_path / "ca").rename(tmp_path / "gone")
    assert kept.certificate == before
    assert names(shown(kept, "events.twilio.com")) == ["events.twilio.com"]


def test_without_a_folder_it_is_in_memory(
    tmp_path: Path, wall: Wall, caplog: pytest.LogCaptureFixture
) -> None:
    """A read-only file system is served all the same, with a word in the log."""
    (tmp_path / "file").touch()
    certificates = Certificates(Folder(tmp_path / "file" / "ca"), now=wall)
    first = certificates.certificate
    assert names(shown(certificates, API)) == [API]
    assert certificates.certificate == first
    assert "--ca-dir" in caplog.text
    assert len(caplog.records) == 1


def test_a_user_without_a_home_has_it_in_memory(
    monkeypatch: pytest.MonkeyPatch, wall: Wall, caplog: pytest.LogCaptureFixture
) -> None:
    """Containers run as users that nobody ever made."""
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert names(shown(Certificates(vault_of(""), now=wall), API)) == [API]
    assert "--ca-dir" in caplog.text


def test_a_folder_that_is_touched_changes_nothing(kept: Certificates, tmp_path: Path) -> None:
    """The same authority, written again: who talks is not disturbed."""
    context = kept.context(API)
    key = tmp_path / "ca" / "ca-key.pem"
    write(key, key.read_bytes())
    assert kept.context(API) is context


@pytest.mark.parametrize("kind", ["expired", "wrong_host"])
def test_a_fault_shows_a_bad_one(kind: Kind, wall: Wall) -> None:
    """A client that checks breaks off, and is content again when the fault is over."""
    wrong: list[tuple[str, Kind]] = [("api.twilio.com", kind)]
    asked: list[str] = []

    def fault(host: str) -> Kind:
        asked.append(host)
        return dict(wrong).get(host, "")

    wall.at = datetime.now(wall.at.tzinfo)  # what the client's own clock says
    certificates = Certificates(Memory(), fault, wall)
    client = strict(certificates)
    reason = "expired" if kind == "expired" else "Hostname mismatch"
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        handshake(certificates, client, API)
    assert handshake(certificates, client, "notify.twilio.com").getpeercert()
    wrong.clear()
    assert handshake(certificates, client, API).getpeercert()
    assert asked == [API, "notify.twilio.com", API], "once for each handshake"


def test_a_session_is_never_resumed(kept: Certificates) -> None:
    """A client that comes again is shown what there is now."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    client = handshake(kept, context, API)
    assert client.session is not None
    assert not client.session.has_ticket


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_old_and_new_clients_are_served(kept: Certificates, version: ssl.TLSVersion) -> None:
    """TLS 1.2 and 1.3, and HTTP/1.1 is what is spoken inside."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    client = handshake(kept, context, API)
    assert client.selected_alpn_protocol() == "http/1.1"


def test_hosts_do_not_fill_the_memory(wall: Wall) -> None:
    """Clients choose them; the ones least asked for are forgotten."""
    certificates = Certificates(Memory(), now=wall)
    certificates.context(API)
    for number in range(MOST):
        certificates.context(f"h{number}.twilio.com")
    assert not certificates.ready(API)
    assert certificates.ready(f"h{MOST - 1}.twilio.com")


def test_it_may_be_asked_by_several_threads(kept: Certificates) -> None:
    """All get the same."""
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(kept.context(API))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_the_bundle_ends_with_the_authority(kept: Certificates) -> None:
    """What programs are handed."""
    assert kept.bundle.endswith(kept.certificate)
    assert b"PRIVATE" not in kept.bundle


def test_without_memory_files_a_key_is_in_one_for_a_moment(
    kept: Certificates, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the system has no files in memory, nothing of it stays on the disk."""
    monkeypatch.delattr(os, "memfd_create")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    assert names(shown(kept, API)) == [API]
    assert not list((tmp_path / "tmp").iterdir())
