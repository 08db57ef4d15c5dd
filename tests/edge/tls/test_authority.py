"""What the certificates say, judged by OpenSSL where it can judge."""

import shutil
import subprocess
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID

from mockserver.edge.tls.authority import (
    Broken,
    Pair,
    hosts_of,
    make_authority,
    make_faulty,
    make_leaf,
    moment,
    read_authority,
    read_pair,
    signed_by,
)

Kind = TypeVar("Kind", bound=x509.ExtensionType)


def extension(pair: Pair, kind: type[Kind]) -> "x509.Extension[Kind]":
    return pair.certificate.extensions.get_extension_for_class(kind)


def verdict(authority: Pair, leaf: Pair, at: datetime | None, folder: Path, *more: str) -> str:
    """What `openssl verify` says in its strict mode; '' for yes; no time: it is no matter."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl command")
    for name, pair in (("ca", authority), ("leaf", leaf)):
        (folder / f"{name}.pem").write_bytes(pair.public)
    time = ["-attime", str(int(at.timestamp()))] if at else ["-no_check_time"]
    command = [openssl, "verify", "-x509_strict", *time, *more]
    command += ["-purpose", "sslserver", "-CAfile", f"{folder}/ca.pem", f"{folder}/leaf.pem"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stderr if answer.returncode else ""


@pytest.mark.parametrize("host", ["api.twilio.com", "api.dublin.ie1.twilio.com", "twilio.com"])
def test_a_leaf_is_for_its_host(authority: Pair, host: str, now: datetime, tmp_path: Path) -> None:
    """A strict client that trusts the authority accepts it for that host and for no other."""
    leaf = make_leaf(authority, host, now)
    assert hosts_of(leaf) == [host]
    assert not verdict(authority, leaf, now, tmp_path, "-verify_hostname", host)
    wrong = verdict(authority, leaf, now, tmp_path, "-verify_hostname", "notify.twilio.com")
    assert "hostname mismatch" in wrong


def test_the_authority_can_speak_for_twilio_alone(
    authority: Pair, now: datetime, tmp_path: Path
) -> None:
    """Whoever steals its key can pretend to be Twilio here, and nobody's bank."""
    constraints = extension(authority, x509.NameConstraints)
    assert constraints.critical
    assert constraints.value.permitted_subtrees == [x509.DNSName("twilio.com")]
    assert constraints.value.excluded_subtrees == [
        x509.IPAddress(ip_network("0.0.0.0/0")),
        x509.IPAddress(ip_network("::/0")),
    ]
    for host in ("example.com", "twilio.com.example.com", "nottwilio.com"):
        assert "permitted subtree violation" in verdict(
            authority, make_leaf(authority, host, now), now, tmp_path
        )


def test_an_authority_is_one(authority: Pair, now: datetime) -> None:
    """It signs certificates, of which none may sign further ones, for ten years."""
    basic = extension(authority, x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    usage = extension(authority, x509.KeyUsage)
    assert usage.critical
    assert usage.value.key_cert_sign
    assert not usage.value.digital_signature
    assert extension(authority, x509.SubjectKeyIdentifier)
    assert authority.ends - now == timedelta(days=3_650, hours=-1)


def test_a_leaf_is_none(authority: Pair, now: datetime) -> None:
    """It proves a server's name with a key of P-256, for ninety days, an hour of which is past."""
    leaf = make_leaf(authority, "api.twilio.com", now)
    basic = extension(leaf, x509.BasicConstraints)
    assert (basic.critical, basic.value.ca) == (True, False)
    usage = extension(leaf, x509.KeyUsage)
    assert (usage.critical, usage.value.digital_signature) == (True, True)
    assert not usage.value.key_cert_sign
    purposes = extension(leaf, x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH]
    above = extension(authority, x509.SubjectKeyIdentifier).value.digest
    assert extension(leaf, x509.AuthorityKeyIdentifier).value.key_identifier == above
    assert isinstance(leaf.key.curve, ec.SECP256R1)
    assert leaf.certificate.not_valid_before_utc == now - timedelta(hours=1)
    assert leaf.ends - leaf.certificate.not_valid_before_utc == timedelta(days=90)


def test_no_leaf_outlives_its_authority(authority: Pair) -> None:
    """It would not be believed any longer anyway."""
    late = authority.ends - timedelta(days=3)
    assert make_leaf(authority, "api.twilio.com", late).ends == authority.ends


def test_two_authorities_have_two_names(authority: Pair, now: datetime) -> None:
    """An old one and a new one in the same bundle are not mistaken for each other."""
    other = make_authority(now)
    assert other.certificate.subject != authority.certificate.subject
    leaf = make_leaf(authority, "api.twilio.com", now)
    assert signed_by(leaf, authority)
    assert not signed_by(leaf, other)


def test_a_fault_may_have_it_expired(authority: Pair, now: datetime, tmp_path: Path) -> None:
    """It ended yesterday, and nothing else is wrong with it."""
    leaf = make_faulty(authority, "api.twilio.com", now, "expired")
    assert leaf.ends == now - timedelta(days=1)
    assert "expired" in verdict(authority, leaf, now, tmp_path)
    assert not verdict(authority, leaf, None, tmp_path, "-verify_hostname", "api.twilio.com")


def test_a_fault_may_have_it_for_another(authority: Pair, now: datetime, tmp_path: Path) -> None:
    """Its name is another one of Twilio's, and nothing else is wrong with it."""
    leaf = make_faulty(authority, "api.twilio.com", now, "wrong_host")
    assert hosts_of(leaf) == ["wrong-host.twilio.com"]
    assert not verdict(authority, leaf, now, tmp_path)


def test_a_long_host_has_no_common_name(authority: Pair, now: datetime) -> None:
    """A common name has 64 characters at most; the alternative name is what counts."""
    host = f"{'a' * 60}.twilio.com"
    leaf = make_leaf(authority, host, now)
    assert hosts_of(leaf) == [host]
    assert host not in leaf.certificate.subject.rfc4514_string()


def test_what_is_written_can_be_read(authority: Pair) -> None:
    """Key and certificate come back out of one file."""
    again = read_pair(authority.secret)
    assert again.certificate == authority.certificate
    assert again.key.private_numbers() == authority.key.private_numbers()


def test_a_key_is_not_shown(authority: Pair) -> None:
    """Neither the public half nor a log line that holds the pair tells it."""
    number = str(authority.key.private_numbers().private_value)
    assert b"PRIVATE" not in authority.public
    assert number not in repr(authority)
    assert "PRIVATE" not in repr(authority)


@pytest.mark.parametrize("text", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\n"])
def test_what_is_broken_is_said(text: bytes) -> None:
    """A file that somebody cut or overwrote is no authority."""
    with pytest.raises(Broken):
        read_pair(text)


def test_key_and_certificate_belong_together(authority: Pair, now: datetime) -> None:
    """Halves of two authorities are none."""
    other = make_authority(now)
    key = other.secret.split(b"-----BEGIN CERTIFICATE")[0]
    with pytest.raises(Broken, match="not the certificate's"):
        read_pair(key + authority.public)


def test_only_an_elliptic_key_is_ours(authority: Pair) -> None:
    """Somebody else's file is not taken for ours."""
    key = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with pytest.raises(Broken, match="elliptic"):
        read_pair(key + authority.public)


def test_what_is_read_is_an_authority(authority: Pair, now: datetime) -> None:
    """A certificate that may sign nothing is none, and neither is one that says nothing of it."""
    assert read_authority(authority.secret).certificate == authority.certificate
    with pytest.raises(Broken, match="may sign nothing"):
        read_authority(make_leaf(authority, "api.twilio.com", now).secret)
    with pytest.raises(Broken, match="no authority"):
        read_authority(bare(authority, now).secret)


def test_a_certificate_without_names_is_for_nobody(authority: Pair, now: datetime) -> None:
    """Somebody else's file among ours is no reason to break."""
    assert hosts_of(bare(authority, now)) == ()


def bare(authority: Pair, now: datetime) -> Pair:
    """A certificate without any extension."""
    name = authority.certificate.subject
    made = x509.CertificateBuilder(name, name, authority.key.public_key(), 1, now, authority.ends)
    return Pair(made.sign(authority.key, hashes.SHA256()), authority.key)


@pytest.mark.parametrize(
    ("left", "days", "lasts"), [(30, 59, True), (30, 61, False), (0, 89, True), (0, -1, False)]
)
def test_it_lasts_between_its_dates(
    authority: Pair, now: datetime, left: int, days: int, lasts: bool
) -> None:
    """For so long yet; before its beginning it is of no use."""
    leaf = make_leaf(authority, "api.twilio.com", now)
    assert leaf.lasts(timedelta(days=left), now + timedelta(days=days)) is lasts


def test_a_moment_has_whole_seconds(now: datetime) -> None:
    """Certificates know nothing finer."""
    assert moment(int(now.timestamp()) * 1_000_000 + 999_999) == now
