"""Roots that programs trust: the system's, and the mock's authority behind them."""

import os
import ssl
from errno import ENOENT
from importlib.util import find_spec
from pathlib import Path
from typing import Final

MARK: Final = b"# twilio-mockserver's own CA, for *.twilio.com alone\n"


def system_roots() -> bytes:
    """The system's roots as PEM, else those of `certifi`; empty where there are none.

    By where they lie: a variable that names a user's own bundle has no say here.
    """
    paths = ssl.get_default_verify_paths()
    for name in (paths.openssl_cafile, *USUAL):
        if (found := _read(Path(name))) is not None:
            return found
    return _gathered(Path(paths.openssl_capath)) or _certifi()


USUAL: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Debian and Alpine, Fedora, SUSE, BSD and macOS."""


def bundled(roots: bytes, own: bytes) -> bytes:
    """Roots and our own certificate, as one PEM file."""
    return b"\n".join(part for part in (roots.rstrip(), MARK + own) if part)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes() or None
    except OSError:
        return None


def _gathered(folder: Path) -> bytes:
    """A folder of single certificates, each of which may stand there under several names."""
    if not folder.is_dir():
        return b""
    parts = dict.fromkeys(filter(None, (_read(path) for path in sorted(folder.iterdir()))))
    return b"\n".join(part.rstrip() for part in parts if b"BEGIN CERTIFICATE" in part)


def _certifi() -> bytes:
    if find_spec("certifi") is None:
        return _loaded()
    import certifi

    return Path(certifi.where()).read_bytes()


def _loaded() -> bytes:
    """What Python itself would trust: Windows keeps its roots in no file."""
    context = ssl.create_default_context()
    ders = context.get_ca_certs(binary_form=True)
    return "".join(map(ssl.DER_cert_to_PEM_cert, ders)).encode()


def user_folder() -> Path:
    """Where this user's authority is kept unless a setting says otherwise (`ca-dir`).

    Raises `OSError` where the user has no home: containers run as users that nobody ever made.
    """
    named, below = "XDG_DATA_HOME", Path("~/.local/share")
    if os.name == "nt":
        named, below = "LOCALAPPDATA", Path("~/AppData/Local")
    return (Path(os.environ.get(named) or at_home(below))) / "twilio-mockserver"


def at_home(path: Path) -> Path:
    """The path with its `~` written out; raises `OSError` where there is no such home."""
    try:
        return path.expanduser()
    except RuntimeError as problem:
        raise FileNotFoundError(ENOENT, str(problem), str(path)) from None
