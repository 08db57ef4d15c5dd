"""Files for programs that shall trust the mock's CA, in a folder of the user's.

PYTEST_DONT_REWRITE

    ca-….pem      the CA's certificate alone
    bundle-….pem  the user's own bundle or the system's roots, and that
    node-….pem    what the user has Node trust besides its own roots, and that
    java-….p12    the same for Java

A file's name comes from what is in it, so that servers with different CAs do not disturb each
other. Standard library only, but for `java_store`.
"""

import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mockserver.edge.tls.bundle import bundled, system_roots, user_folder
from mockserver.environment import BUNDLES, NODE, STORE_PASSWORD

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

BEGIN: Final = b"-----BEGIN CERTIFICATE-----"

CERTIFICATES: Final = re.compile(
    rb"-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----\s[^-]+-----END \1-----"
)
"""What a bundle is made of; a key that stands beside it is nobody's business."""

MOST: Final = 32
"""Files that are kept, those that were handed out last; a container has a new CA at each start."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """The files of one CA."""

    certificate: Path
    bundle: Path
    extra: Path
    """For Node: the certificate's own file where the user has none."""


def trusted(certificate: bytes, outer: Mapping[str, str]) -> Trusted:
    """Write what is not there yet; raises `OSError`. `outer` may name bundles of the user's."""
    bundle = _joined(_named(BUNDLES, outer) or system_roots(), certificate)
    extra, folder = _named((NODE,), outer), _folder()
    alone = _kept(folder, "ca", "pem", certificate)
    made = Trusted(
        alone,
        _kept(folder, "bundle", "pem", bundle),
        _kept(folder, "node", "pem", _joined(extra, certificate)) if extra else alone,
    )
    _sweep(folder)
    return made


def _joined(roots: bytes, certificate: bytes) -> bytes:
    return roots + b"\n" if certificate.strip() in roots else bundled(roots, certificate)


def java_store(trust: Trusted) -> Path | None:
    """The bundle as a trust store; `None` where `cryptography` is too old to write one.

    Java takes a certificate in PKCS #12 for a root only where an attribute of Oracle's says so.
    """
    path = trust.bundle.with_name(trust.bundle.stem.replace("bundle", "java") + ".p12")
    if path.exists():
        os.utime(path)
        return path
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        pkcs12,
    )

    if not hasattr(pkcs12, "serialize_java_truststore"):
        return None
    roots = [
        pkcs12.PKCS12Certificate(each, str(number).encode())
        for number, each in enumerate(_certificates(trust.bundle.read_bytes()))
    ]
    secret = BestAvailableEncryption(STORE_PASSWORD.encode())
    _write(path, pkcs12.serialize_java_truststore(roots, secret))
    return path


def _certificates(pem: bytes) -> "list[Certificate]":
    """Those that can be read; among the system's may be some that are not by the book."""
    import warnings

    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for part in pem.split(BEGIN)[1:]:
            try:
                each = x509.load_pem_x509_certificate(BEGIN + part)
            except ValueError:
                continue
            found[each.fingerprint(SHA256())] = each
    return list(found.values())


def _named(variables: Iterable[str], outer: Mapping[str, str]) -> bytes:
    """The certificates in what the user's variables name, each once."""
    named = dict.fromkeys(filter(None, map(outer.get, variables)))
    text = b"\n".join(map(_read, map(Path, named)))
    return b"\n".join(dict.fromkeys(each[0] for each in CERTIFICATES.finditer(text)))


def _read(path: Path) -> bytes:
    """A file, or a folder of certificates; what cannot be read is as if it were not named."""
    try:
        paths = sorted(path.iterdir()) if path.is_dir() else [path]
        return b"\n".join(dict.fromkeys(each.read_bytes() for each in paths if each.is_file()))
    except OSError:
        return b""


def _folder() -> Path:
    """The user's own, else one for temporary files; raises `OSError`."""
    try:
        own = user_folder() / "trust"
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return _temporary()
    return own if os.access(own, os.W_OK) else _temporary()


def _temporary() -> Path:
    """In a place where others may write: nobody else may have made it, or change it."""
    if not hasattr(os, "getuid"):
        folder = Path(tempfile.gettempdir()) / "twilio-mockserver"
        folder.mkdir(exist_ok=True)
        return folder
    folder = Path(tempfile.gettempdir()) / f"twilio-mockserver-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o022
    if found.st_uid != os.getuid() or not private:
        raise PermissionError(f"{folder} is somebody else's: remove it, or set XDG_DATA_HOME")
    return folder


def _kept(folder: Path, kind: str, suffix: str, text: bytes) -> Path:
    path = folder / f"{kind}-{hashlib.sha256(text).hexdigest()[:16]}.{suffix}"
    try:
        os.utime(path)  # it is in use
    except FileNotFoundError:
        _write(path, text)
    return path


def _write(path: Path, text: bytes) -> None:
    """Whole or not at all."""
    number, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    with os.fdopen(number, "wb") as file:
        file.write(text)
    Path(name).replace(path)


def _sweep(folder: Path) -> None:
    """Remove what was not handed out for long."""
    found = [each for each in folder.iterdir() if not each.name.startswith(".")]
    if len(found) <= MOST:
        return
    for old in sorted(found, key=_age)[:-MOST]:
        old.unlink(missing_ok=True)


def _age(path: Path) -> float:
    """When it was handed out last; what somebody else has swept is oldest."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
