"""Where the authority lives: in a folder of the user's, or in this process alone.

    ca-key.pem     key and certificate of the authority, in one file: both are there, or neither
    ca.pem         its certificate
    ca-bundle.pem  the system's roots and that
    leaves/        key and certificate by host

Everything is written beside its place and moved there, so that several servers may start at once;
who makes or renews the authority does so alone. A folder that holds one may be read-only.
"""

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from mockserver.edge.tls.authority import (
    CA_LEFT,
    LEAF_LEFT,
    Broken,
    Pair,
    hosts_of,
    make_authority,
    make_leaf,
    read_authority,
    read_pair,
    signed_by,
)
from mockserver.edge.tls.bundle import at_home, bundled, system_roots, user_folder

MOST_LEAVES: Final = 200
"""Files of leaves; more are not kept, since it is clients who choose the hosts."""

RENEWED: Final = (
    "the mock's CA in %s had less than %d days left, or had not begun: there is a new one, so hand "
    "out ca.pem and ca-bundle.pem again"
)

log: Final = logging.getLogger("mockserver")


class Vault(Protocol):
    """Keeps an authority and its leaves."""

    def stamp(self) -> object:
        """Changes when somebody else changes the authority."""

    def authority(self, now: datetime) -> Pair:
        """The one there is, made or renewed where need be; raises `OSError`."""

    def leaf(self, authority: Pair, host: str, now: datetime) -> Pair:
        """A certificate for a host that lasts a while yet."""


class Memory:
    """An authority that ends with the process."""

    def __init__(self) -> None:
        self._authority: Pair | None = None

    def stamp(self) -> object:
        """Nobody else can."""
        return None

    def authority(self, now: datetime) -> Pair:
        """The one there is."""
        if self._authority is None or not self._authority.lasts(CA_LEFT, now):
            self._authority = make_authority(now)
        return self._authority

    def leaf(self, authority: Pair, host: str, now: datetime) -> Pair:
        """A new one each time; who asks keeps it."""
        return make_leaf(authority, host, now)


class Folder:
    """An authority in a folder; files are 0600 in a folder that is 0700."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._key = path / "ca-key.pem"
        self._leaves = path / "leaves"

    @property
    def certificate(self) -> Path:
        """The file with the authority's certificate."""
        return self.path / "ca.pem"

    @property
    def bundle(self) -> Path:
        """The file with the system's roots and the authority's certificate."""
        return self.path / "ca-bundle.pem"

    def stamp(self) -> object:
        """Which file there is, and since when; `None` for none."""
        try:
            known = self._key.stat()
        except OSError:
            return None
        return known.st_ino, known.st_mtime_ns

    def authority(self, now: datetime) -> Pair:
        """The one there is, made or renewed where need be; raises `OSError`."""
        self._open()
        with _alone(self.path):
            found = self._found(now)
            if not found.lasts(CA_LEFT, now):
                log.warning(RENEWED, self.path, CA_LEFT.days)
                found = self._settle(make_authority(now), instead=True)
            self._publish(found)
        return found

    def leaf(self, authority: Pair, host: str, now: datetime) -> Pair:
        """The one that is kept, else a new one, kept where there is room."""
        path = self._leaves / f"{host}.pem"
        kept = self._leaf(path)
        if (
            kept is not None
            and kept.lasts(LEAF_LEFT, now)
            and host in hosts_of(kept)
            and signed_by(kept, authority)
        ):
            return kept
        made = make_leaf(authority, host, now)
        try:
            if path.exists() or len(os.listdir(self._leaves)) < MOST_LEAVES:
                write(path, made.secret)
        except OSError as problem:
            log.warning("the certificate for %s is not kept: %s", host, problem)
        return made

    def _open(self) -> None:
        """Make the folder, for this user alone; a mounted secret has all it needs."""
        try:
            self._leaves.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            if not self._key.exists():
                raise
        for folder in (self.path, self._leaves):
            _close(folder, 0o700)

    def _found(self, now: datetime) -> Pair:
        """The authority there is, else a new one."""
        try:
            found = _read(self._key, read_authority)
        except Broken as wrong:
            log.warning("%s is made anew: %s", self._key, wrong)
            return self._settle(make_authority(now), instead=True)
        return found or self._settle(make_authority(now), instead=False)

    def _leaf(self, path: Path) -> Pair | None:
        try:
            return _read(path, read_pair)
        except Broken as wrong:
            log.warning("%s is made anew: %s", path, wrong)
        except OSError:  # somebody else's, or a name too long for a file
            pass
        return None

    def _settle(self, made: Pair, *, instead: bool) -> Pair:
        """Put a new authority there; the one that is there afterwards may be another server's.

        `instead`: in place of the file that is there.
        """
        (write if instead else _place)(self._key, made.secret)
        return _read(self._key, read_authority) or made

    def _publish(self, authority: Pair) -> None:
        """Write what others read, where it is not there already; the server has it anyway."""
        for path, text in (
            (self.certificate, authority.public),
            (self.bundle, bundled(system_roots(), authority.public)),
        ):
            try:
                if not path.exists() or path.read_bytes() != text:
                    write(path, text)
            except OSError as problem:
                log.warning("%s is not what it should be: %s", path, problem)


def folder_of(named: str) -> Folder:
    """The folder that a setting names, else the user's own; raises `OSError` for want of a home."""
    return Folder(at_home(Path(named)) if named else user_folder())


def _read(path: Path, read: Callable[[bytes], Pair]) -> Pair | None:
    """`None` where there is no such file; raises `Broken`, `OSError`."""
    try:
        found = read(path.read_bytes())
    except FileNotFoundError:
        return None
    _close(path, 0o600)
    return found


def write(path: Path, text: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all; raises `OSError`."""
    beside = _beside(path, text)
    try:
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _place(path: Path, text: bytes) -> None:
    """The same, unless the file is there."""
    beside = _beside(path, text)
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links: the last one wins
        write(path, text)
    finally:
        beside.unlink(missing_ok=True)


def _beside(path: Path, text: bytes) -> Path:
    """A file with this text in the same folder, 0600 from its beginning."""
    number, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(text)
    except OSError:  # the disk is full
        Path(name).unlink()
        raise
    return Path(name)


def _close(path: Path, mode: int) -> None:
    """Take from others what they must not have, unless it is somebody else's, or read-only."""
    if os.name != "posix":
        return
    with suppress(OSError):
        if path.stat().st_mode & 0o777 != mode:
            path.chmod(mode)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Have other servers wait: of two that renew, one would go on with what nobody can find."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)
