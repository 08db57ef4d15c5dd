"""What lies in the folder, who may read it, and what happens when several servers write it."""

import io
import os
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mockserver.edge.tls import vault
from mockserver.edge.tls.authority import Pair, hosts_of, make_leaf, read_pair, signed_by
from mockserver.edge.tls.vault import MOST_LEAVES, Folder, Memory, folder_of, write

HOST = "api.twilio.com"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "data" / "ca")


def modes(path: Path) -> dict[str, int]:
    """Permission bits by name, of a folder and all below it."""
    found = [path, *path.rglob("*")]
    return {str(each.relative_to(path)): each.stat().st_mode & 0o777 for each in found}


def test_nobody_else_can_read_it(folder: Folder, now: datetime) -> None:
    """Files are 0600 in folders that are 0700, whatever the umask."""
    before = os.umask(0)
    try:
        folder.leaf(folder.authority(now), HOST, now)
    finally:
        os.umask(before)
    assert modes(folder.path) == {
        ".": 0o700,
        "leaves": 0o700,
        "ca-key.pem": 0o600,
        "ca.pem": 0o600,
        "ca-bundle.pem": 0o600,
        f"leaves/{HOST}.pem": 0o600,
    }


def test_what_was_opened_is_closed_again(folder: Folder, now: datetime) -> None:
    """A copied or restored folder that others can read is put right."""
    folder.authority(now)
    folder.path.chmod(0o755)
    (folder.path / "ca-key.pem").chmod(0o644)
    folder.authority(now)
    assert modes(folder.path)["."] == 0o700
    assert modes(folder.path)["ca-key.pem"] == 0o600


def test_it_stays_the_same(folder: Folder, now: datetime) -> None:
    """What a program was told to trust is what the next server shows."""
    first, second = folder.authority(now), Folder(folder.path).authority(now)
    assert first.certificate == second.certificate
    assert folder.certificate.read_bytes() == first.public


def test_the_key_is_in_one_file_alone(folder: Folder, now: datetime) -> None:
    """What programs are pointed at holds no secret."""
    folder.authority(now)
    secret = [path.name for path in folder.path.iterdir() if path.is_file()]
    assert [name for name in secret if b"PRIVATE" in (folder.path / name).read_bytes()] == [
        "ca-key.pem"
    ]


def test_the_bundle_follows_the_roots(
    folder: Folder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the system's roots change, the next server writes it anew."""
    monkeypatch.setattr(vault, "system_roots", lambda: b"old roots")
    own = folder.authority(now).public
    assert folder.bundle.read_bytes().startswith(b"old roots\n")
    monkeypatch.setattr(vault, "system_roots", lambda: b"new roots")
    folder.authority(now)
    text = folder.bundle.read_bytes()
    assert text.startswith(b"new roots\n")
    assert text.endswith(own)


def test_several_servers_make_one(folder: Folder, now: datetime) -> None:
    """Eight that start in the same moment agree, and leave nothing half-written behind."""
    ready = threading.Barrier(8)
    found: list[Pair] = []

    def start() -> None:
        ready.wait()
        found.append(Folder(folder.path).authority(now))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({pair.public for pair in found}) == 1
    assert len(found) == 8
    assert folder.certificate.read_bytes() == found[0].public
    names = {path.name for path in folder.path.iterdir()}
    assert names == {"ca-key.pem", "ca.pem", "ca-bundle.pem", "leaves"}


@pytest.mark.parametrize("case", ["broken", "old"])
def test_several_servers_renew_one(folder: Folder, now: datetime, case: str) -> None:
    """Eight that find a broken or an old one agree on a new one, which is what can be fetched."""
    old = folder.authority(now)
    if case == "broken":
        (folder.path / "ca-key.pem").write_bytes(b"broken")
    late = now if case == "broken" else old.ends - timedelta(days=1)
    ready = threading.Barrier(8)
    found: list[Pair] = []

    def start() -> None:
        mine = Folder(folder.path)
        ready.wait()
        found.append(mine.authority(late))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {pair.public for pair in found} == {folder.certificate.read_bytes()}
    assert len(found) == 8
    assert old.public not in folder.bundle.read_bytes()


def test_a_file_system_without_locks_will_do(
    folder: Folder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As some network mounts are, and Windows."""

    def lock(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", lock)
    first = folder.authority(now)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    assert folder.authority(now).public == first.public


def test_a_file_system_without_links_will_do(
    folder: Folder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some mounts know no hard links."""

    def link(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", link)
    made = folder.authority(now)
    assert Folder(folder.path).authority(now).public == made.public
    assert not list(folder.path.glob(".*"))


def test_it_is_renewed_before_it_ends(
    folder: Folder, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """Half a year before, with a word in the log, since programs must be told to trust it."""
    old = folder.authority(now)
    assert folder.authority(old.ends - timedelta(days=180)).public == old.public
    assert not caplog.records
    stamp = folder.stamp()
    late = old.ends - timedelta(days=179)
    new = folder.authority(late)
    assert new.public != old.public
    assert new.ends - late > timedelta(days=3_600)
    assert folder.stamp() != stamp
    assert "less than 180 days left" in caplog.text
    assert folder.certificate.read_bytes() == new.public
    assert old.public not in folder.bundle.read_bytes()


def test_a_broken_file_is_made_anew(
    folder: Folder, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """A crash in the middle of the night does not keep the server from its work."""
    old = folder.authority(now)
    (folder.path / "ca-key.pem").write_bytes(old.secret[:200])
    assert folder.authority(now).public != old.public
    assert "made anew" in caplog.text
    assert "PRIVATE" not in caplog.text


def test_one_from_the_future_is_made_anew(
    folder: Folder, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that ran while the clock was wrong does not spoil the folder for good."""
    wrong = now + timedelta(days=400)
    folder.leaf(folder.authority(wrong), HOST, wrong)
    made = folder.authority(now)
    assert made.begins < now
    assert "had not begun" in caplog.text
    assert folder.leaf(made, HOST, now).begins < now
    assert folder.authority(wrong).public == made.public


def test_what_is_no_authority_is_made_anew(
    folder: Folder, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """No client would accept what it signs."""
    leaf = make_leaf(folder.authority(now), HOST, now)
    (folder.path / "ca-key.pem").write_bytes(leaf.secret)
    made = folder.authority(now)
    assert signed_by(make_leaf(made, HOST, now), made)
    assert made.public != leaf.public
    assert "may sign nothing" in caplog.text


def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a mount without writing is, also for root, who may write anywhere else."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    for name in ("chmod", "mkdir"):
        monkeypatch.setattr(Path, name, refuse)
    monkeypatch.setattr("tempfile.mkstemp", refuse)


@pytest.mark.parametrize("only_the_key", [False, True])
def test_a_folder_may_be_read_only(
    folder: Folder,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    only_the_key: bool,
) -> None:
    """A secret that is mounted into a container is the CA there, and stays it."""
    before = folder.authority(now)
    folder.path.chmod(0o755)
    if only_the_key:
        for path in (folder.certificate, folder.bundle):
            path.unlink()
        (folder.path / "leaves").rmdir()
    read_only(monkeypatch)
    assert folder.authority(now).public == before.public
    assert signed_by(folder.leaf(before, HOST, now), before)
    said = [record.getMessage() for record in caplog.records]
    assert sum("is not what it should be" in each for each in said) == (2 if only_the_key else 0)


def test_an_empty_folder_may_not(
    folder: Folder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to go on with."""
    folder.path.mkdir(parents=True)
    read_only(monkeypatch)
    with pytest.raises(OSError, match="Read-only"):
        folder.authority(now)


def test_a_leaf_is_kept(folder: Folder, now: datetime) -> None:
    """The next server shows the same one."""
    authority = folder.authority(now)
    first = folder.leaf(authority, HOST, now)
    assert folder.leaf(authority, HOST, now + timedelta(days=59)).public == first.public
    kept = read_pair((folder.path / "leaves" / f"{HOST}.pem").read_bytes())
    assert kept.public == first.public


def test_a_leaf_is_renewed_in_time(folder: Folder, now: datetime) -> None:
    """Thirty days before its end."""
    authority = folder.authority(now)
    first = folder.leaf(authority, HOST, now)
    second = folder.leaf(authority, HOST, now + timedelta(days=61))
    assert second.ends - first.ends == timedelta(days=61)


@pytest.mark.parametrize("case", ["authority", "host", "text"])
def test_a_leaf_that_is_none_is_made_anew(folder: Folder, now: datetime, case: str) -> None:
    """One of another authority, of another host, or no certificate at all."""
    authority = folder.authority(now)
    path = folder.path / "leaves" / f"{HOST}.pem"
    strange = {
        "authority": make_leaf(Memory().authority(now), HOST, now).secret,
        "host": make_leaf(authority, "notify.twilio.com", now).secret,
        "text": b"garbage",
    }
    path.write_bytes(strange[case])
    made = folder.leaf(authority, HOST, now)
    assert signed_by(made, authority)
    assert path.read_bytes() == made.secret


def test_leaves_do_not_fill_the_disk(folder: Folder, now: datetime) -> None:
    """Clients choose the hosts: beyond two hundred nothing is kept, and all are served."""
    authority = folder.authority(now)
    for number in range(MOST_LEAVES):
        (folder.path / "leaves" / f"h{number}.twilio.com.pem").touch()
    made = folder.leaf(authority, HOST, now)
    assert signed_by(made, authority)
    assert not (folder.path / "leaves" / f"{HOST}.pem").exists()


def test_a_full_disk_is_no_reason_to_stop(
    folder: Folder, now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A leaf that cannot be kept is shown all the same."""
    authority = folder.authority(now)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(vault, "write", full)
    assert signed_by(folder.leaf(authority, HOST, now), authority)
    assert "No space left" in caplog.text


def test_a_name_too_long_for_a_file_is_served(
    folder: Folder, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """DNS allows 253 characters, file systems 255 with the ending."""
    host = "a." * 121 + "twilio.com"
    made = folder.leaf(folder.authority(now), host, now)
    assert hosts_of(made) == [host]
    assert "is not kept" in caplog.text


def test_half_a_file_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is not filled further, by a file for each try."""

    class Full(io.FileIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", lambda number, _: Full(number, "wb"))
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "file", b"text")
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_put_in_place_leaves_nothing(tmp_path: Path) -> None:
    """Neither half a file nor one beside it."""
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "child").touch()
    with pytest.raises(OSError, match="taken"):
        write(tmp_path / "taken", b"text")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_folder_that_cannot_be_is_an_error(tmp_path: Path, now: datetime) -> None:
    """Who keeps certificates then falls back to memory, and says so."""
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Folder(tmp_path / "file" / "ca").authority(now)


def test_memory_ends_with_the_process(now: datetime, caplog: pytest.LogCaptureFixture) -> None:
    """Two of them are strangers; one is the same until it nears its end."""
    memory = Memory()
    first = memory.authority(now)
    assert memory.authority(now + timedelta(days=1)) is first
    assert memory.authority(first.ends - timedelta(days=1)) is not first
    assert Memory().authority(now).public != first.public
    assert signed_by(memory.leaf(first, HOST, now), first)
    assert not caplog.records


def test_the_folder_is_the_one_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else this user's own, where other programs keep their data."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert folder_of("~/mine").path == tmp_path / "mine"
    assert folder_of("").path == tmp_path / ".local" / "share" / "twilio-mockserver"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert folder_of("").path == tmp_path / "xdg" / "twilio-mockserver"


@pytest.mark.parametrize("named", ["", "~/ca"])
def test_not_every_user_has_a_home(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that a container was told to run as has none; that is an error as others are."""
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    with pytest.raises(OSError, match="home"):
        folder_of(named)
