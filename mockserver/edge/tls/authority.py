"""A certificate authority that can speak for `twilio.com` alone, and the certificates it signs.

Extensions stand as OpenSSL's strict mode wants them (`VERIFY_X509_STRICT`, on by default since
Python 3.13). Source: RFC 5280, 4.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DOMAIN: Final = "twilio.com"

CA_LIFE: Final = timedelta(days=3_650)
LEAF_LIFE: Final = timedelta(days=90)

CA_LEFT: Final = timedelta(days=180)
"""With less left than this the authority is made anew, so that no leaf outlives it."""

LEAF_LEFT: Final = timedelta(days=30)
"""With less left than this a leaf is made anew."""

SKEW: Final = timedelta(hours=1)
"""How far a certificate's beginning lies in the past: clocks of virtual machines run behind."""

EXPIRED_SINCE: Final = timedelta(days=1)

WRONG_HOST: Final = f"wrong-host.{DOMAIN}"
"""Whose certificate the fault `wrong_host` presents."""

COMMON_NAME_LIMIT: Final = 64
"""Characters. Source: RFC 5280, `ub-common-name`; longer hosts stand in the extension alone."""


class Broken(ValueError):
    """A file holds no certificate and key that belong together. The text says why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key. Its `repr` shows no secret."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def public(self) -> bytes:
        """The certificate alone, as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def secret(self) -> bytes:
        """Key and certificate, as PEM."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return key + self.public

    @property
    def begins(self) -> datetime:
        """The first moment at which the certificate counts."""
        return self.certificate.not_valid_before_utc

    @property
    def ends(self) -> datetime:
        """The last moment at which the certificate counts."""
        return self.certificate.not_valid_after_utc

    def lasts(self, left: timedelta, now: datetime) -> bool:
        """Whether it counts now, and for so long yet.

        One that begins later was made while a clock was wrong: nobody would accept it.
        """
        return self.begins <= now and self.ends - now >= left


def read_pair(pem: bytes) -> Pair:
    """What `Pair.secret` wrote; raises `Broken`."""
    try:
        key = serialization.load_pem_private_key(pem, None)
        certificate = x509.load_pem_x509_certificate(pem)
    except (ValueError, TypeError) as error:
        raise Broken(f"no certificate and key: {error}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Broken("its key is not one of an elliptic curve")
    if key.public_key() != certificate.public_key():
        raise Broken("its key is not the certificate's")
    return Pair(certificate, key)


def read_authority(pem: bytes) -> Pair:
    """The same for what `make_authority` made; raises `Broken`."""
    found = read_pair(pem)
    try:
        extensions = found.certificate.extensions
        basic = extensions.get_extension_for_class(x509.BasicConstraints).value
        extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except (ValueError, x509.ExtensionNotFound) as wrong:
        raise Broken(f"it is no authority: {wrong}") from None
    if not basic.ca:
        raise Broken("it may sign nothing")
    return found


def make_authority(now: datetime) -> Pair:
    """A new authority, from `now` on."""
    key = ec.generate_private_key(ec.SECP256R1())
    identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    # Its own name, so that an older authority in somebody's bundle is not mistaken for it.
    name = _name(f"twilio-mockserver CA {identity.digest.hex()[:8]}")
    begins = now - SKEW
    made = _certificate(name, name, key, begins, begins + CA_LIFE)
    everywhere = [x509.IPAddress(ip_network(text)) for text in ("0.0.0.0/0", "::/0")]
    constraints = x509.NameConstraints([x509.DNSName(DOMAIN)], everywhere)
    made = (
        made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(identity, critical=False)
        .add_extension(_authority_of(identity), critical=False)
    )
    return Pair(made.sign(key, hashes.SHA256()), key)


def make_leaf(authority: Pair, host: str, now: datetime) -> Pair:
    """A certificate for `host`, which is `twilio.com` or below it."""
    begins = now - SKEW
    return _leaf(authority, host, begins, min(begins + LEAF_LIFE, authority.ends))


def make_faulty(authority: Pair, host: str, now: datetime, fault: str) -> Pair:
    """One with which a fault answers: `expired`, or `wrong_host`."""
    if fault == "wrong_host":
        return make_leaf(authority, WRONG_HOST, now)
    ended = now - EXPIRED_SINCE
    return _leaf(authority, host, ended - LEAF_LIFE, ended)


def signed_by(leaf: Pair, authority: Pair) -> bool:
    """Whether this authority signed it."""
    try:
        leaf.certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def hosts_of(leaf: Pair) -> Sequence[str]:
    """The names that a certificate is for."""
    try:
        names = leaf.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (ValueError, x509.ExtensionNotFound):
        return ()
    return names.value.get_values_for_type(x509.DNSName)


def moment(wall: int) -> datetime:
    """Microseconds of wall time as certificates have them: whole seconds."""
    return datetime.fromtimestamp(wall // 1_000_000, UTC)


def _leaf(authority: Pair, host: str, begins: datetime, ends: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    above = authority.certificate
    identity = above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    made = (
        _certificate(_name(host), above.subject, key, begins, ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_authority_of(identity), critical=False)
    )
    return Pair(made.sign(authority.key, hashes.SHA256()), key)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _name(common: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "twilio-mockserver")]
    if len(common) <= COMMON_NAME_LIMIT:
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common))
    return x509.Name(parts)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_of(identity: x509.SubjectKeyIdentifier) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identity)
