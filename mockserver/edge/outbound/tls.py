"""TLS that does not say whose certificate it wants: the override `sni=n`.

Loaded when a callback URL wants that. Python ties the name that is asked for to the name that is
checked, so the check is made here.
"""

import ssl
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any

MISMATCH = 62
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH."""


class _Checked(ssl.SSLObject):
    """A connection whose handshake ends with a look at the certificate's names."""

    expected = ""

    def do_handshake(self) -> None:
        super().do_handshake()
        certificate: Mapping[str, Any] = self.getpeercert() or {}
        if not covers(certificate.get("subjectAltName", ()), self.expected):
            raise _mismatch(self.expected)


class Silent(ssl.SSLContext):
    """A client's context that checks certificates, and sends no server name."""

    sslobject_class = _Checked

    def wrap_bio(self, *ends: Any, **how: Any) -> ssl.SSLObject:
        """As `SSLContext.wrap_bio`; the name is kept for the check."""
        name = how.pop("server_hostname", None)
        made = super().wrap_bio(*ends, **how)
        made.expected = name or ""  # type: ignore[attr-defined]  # it is a `_Checked`
        return made


def silent(like: ssl.SSLContext | None) -> Silent:
    """One with the roots of another, or of the system."""
    context = Silent(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if like is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(cadata=b"".join(like.get_ca_certs(binary_form=True)))
    return context


def covers(names: Iterable[tuple[str, str]], host: str) -> bool:
    """Whether one of a certificate's alternative names is `host`'s.

    A `*` stands for the first label and for the whole of it (RFC 9525, 6.3).
    """
    try:
        address = ip_address(host)
    except ValueError:
        _, _, parent = host.lower().rstrip(".").partition(".")
        meant = {host.lower().rstrip("."), f"*.{parent}"} - {"*."}
        return any(kind == "DNS" and name.lower() in meant for kind, name in names)
    return any(kind == "IP Address" and ip_address(name.strip()) == address for kind, name in names)


def _mismatch(host: str) -> ssl.SSLCertVerificationError:
    said = f"Hostname mismatch, certificate is not valid for '{host}'."
    problem = ssl.SSLCertVerificationError(1, f"certificate verify failed: {said}")
    problem.verify_code, problem.verify_message = MISMATCH, said
    return problem
