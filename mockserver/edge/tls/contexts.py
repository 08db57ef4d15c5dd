"""Which certificate a handshake presents: one place that knows hosts, renewal and faults."""

import logging
import os
import ssl
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Literal

import msgspec

from mockserver.edge.http.hosts import DEFAULT_HOST, is_twilios
from mockserver.edge.tls.authority import CA_LEFT, LEAF_LEFT, Pair, make_faulty, moment
from mockserver.edge.tls.bundle import bundled, system_roots
from mockserver.edge.tls.vault import Memory, Vault, folder_of
from mockserver.world.clock import parse_instant

MOST: Final = 256
"""Contexts kept; the least used goes. A client chooses the hosts."""

Kind = Literal["", "expired", "wrong_host"]

Faults = Callable[[str], Kind]
"""What is wrong with the certificate of a host just now."""

log: Final = logging.getLogger("mockserver")


class Kept(msgspec.Struct, frozen=True):
    """A context, and until when it is used."""

    context: ssl.SSLContext
    renew: datetime


class Certificates:
    """Contexts by host, made at first use. Safe to ask from several threads."""

    def __init__(
        self,
        vault: Vault,
        faults: Faults = lambda _: "",
        now: Callable[[], datetime] = lambda: moment(parse_instant("now")),
    ) -> None:
        """Where the vault cannot be written, an authority in memory takes its place."""
        self._vault, self._faults, self._now = vault, faults, now
        self._kept: OrderedDict[tuple[str, Kind], Kept] = OrderedDict()
        self._stamp: object = None
        self._authority: Pair | None = None
        self._lock = threading.Lock()

    @property
    def authority(self) -> Pair:
        """The authority as it is now."""
        with self._lock:
            return self._current()

    @property
    def certificate(self) -> bytes:
        """The authority's certificate, as PEM."""
        return self.authority.public

    @property
    def bundle(self) -> bytes:
        """The system's roots and that, as PEM."""
        return bundled(system_roots(), self.certificate)

    def context(self, host: str) -> ssl.SSLContext:
        """For a client that may want `host`; for one that is not Twilio's, `api.twilio.com`.

        A new host takes a few milliseconds, the very first longer. Faults are looked at when the
        client says hello, once.
        """
        return self._context(_named(host), "")

    def ready(self, host: str) -> bool:
        """Whether a context is there already, so that asking takes no time."""
        return self._authority is not None and (_named(host), "") in self._kept

    def _context(self, host: str, fault: Kind) -> ssl.SSLContext:
        with self._lock:
            authority, now = self._current(), self._now()
            kept = self._kept.pop((host, fault), None)
            if kept is None or kept.renew <= now:
                kept = self._make(authority, host, now, fault)
            self._kept[host, fault] = kept
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return kept.context

    def _make(self, authority: Pair, host: str, now: datetime, fault: Kind) -> Kept:
        if fault:
            leaf = make_faulty(authority, host, now, fault)
            renew = now + LEAF_LEFT
        else:
            leaf = self._vault.leaf(authority, host, now)
            renew = leaf.ends - LEAF_LEFT
        return Kept(self._dressed(leaf, host), renew)

    def _dressed(self, leaf: Pair, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        # A resumed session shows no certificate: renewal and faults would go unseen.
        context.options |= ssl.OP_NO_TICKET
        context.num_tickets = 0
        context.sni_callback = partial(self._greeted, host)
        with _path_of(leaf.secret) as path:
            context.load_cert_chain(path)
        return context

    def _greeted(
        self, host: str, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext
    ) -> None:
        """A client said hello: whom it names counts more than whom the tunnel is for."""
        wanted = _named(name) if name and is_twilios(name) else host
        connection.context = self._context(wanted, self._faults(wanted))

    def _current(self) -> Pair:
        """Read again when another server has renewed it; made again when it nears its end."""
        stamp = self._vault.stamp()
        authority = self._authority
        due = authority is not None and not authority.lasts(CA_LEFT, self._now())
        if authority is None or due or (stamp is not None and stamp != self._stamp):
            authority = self._load()
            # That from before: what comes while it is read is read the next time.
            self._stamp = stamp
            known = self._authority
            if known is not None and authority.certificate != known.certificate:
                self._kept.clear()
            self._authority = authority
        return authority

    def _load(self) -> Pair:
        try:
            return self._vault.authority(self._now())
        except OSError as problem:
            self._vault = _memory(problem)
            return self._vault.authority(self._now())


def vault_of(named: str) -> Vault:
    """The folder that a setting names, else the user's own, else memory."""
    try:
        return folder_of(named)
    except OSError as problem:
        return _memory(problem)


def _memory(problem: OSError) -> Memory:
    log.warning(
        "%s: the mock's CA is kept in memory, and is a new one at each start; --ca-dir names a "
        "folder where it can stay",
        problem,
    )
    return Memory()


def _named(host: str) -> str:
    """The host that a certificate is made for."""
    return host.lower().rstrip(".") if is_twilios(host) else DEFAULT_HOST


@contextmanager
def _path_of(secret: bytes) -> Iterator[str]:
    """A file to load a key from, which is all that `ssl` takes; on Linux it is on no disk."""
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("leaf")
        with os.fdopen(number, "wb") as file:
            file.write(secret)
            file.flush()
            yield f"/proc/self/fd/{number}"
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leaf.pem"
        path.touch(0o600)
        path.write_bytes(secret)
        yield str(path)
