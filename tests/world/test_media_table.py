"""The table of media: contents once each, and no more than fit."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.media import Media
from mockserver.world.media_table import MediaTable
from mockserver.world.tables import Unit


def medium(sid: str, content: bytes | None, message_sid: str = "MM1") -> Media:
    digest = "" if content is None else sha256(content).hexdigest()
    return Media(
        sid, message_sid, "AC1", "image/png", 1, 1, "http://localhost/", len(content or b""), digest
    )


def put(table: MediaTable, sid: str, content: bytes | None, message_sid: str = "MM1") -> Media:
    media = medium(sid, content, message_sid)
    table.add(media, content, Unit())
    return media


def test_media_of_a_message() -> None:
    """In the order of its URLs; others have theirs, or none."""
    table = MediaTable()
    made = [put(table, sid, sid.encode()) for sid in ("ME2", "ME1")]
    put(table, "ME3", b"", "MM2")
    assert table.of("MM1") == made
    assert [table.get("ME1"), table.get("ME9")] == [made[1], None]
    assert table.of("MM9") == []
    assert (len(table), [each.sid for each in table]) == (3, ["ME2", "ME1", "ME3"])


def test_equal_contents_are_kept_once() -> None:
    """Until the last that has it is deleted."""
    table = MediaTable()
    first, second = put(table, "ME1", b"cat"), put(table, "ME2", b"cat", "MM2")
    assert list(table.contents.values()) == [b"cat"]
    table.delete("ME1", Unit())
    assert table.content(second) == b"cat"
    table.delete("ME2", Unit())
    assert (dict(table.contents), table.content(first)) == ({}, None)


def test_a_stand_in_has_no_content() -> None:
    """It is there otherwise."""
    table = MediaTable()
    media = put(table, "ME1", None)
    assert (table.content(media), media.fetched, table.of("MM1")) == (None, False, [media])
    table.delete("ME1", Unit())
    assert len(table) == 0


def test_the_oldest_content_makes_room() -> None:
    """Its metadata stays; content that comes again is young again."""
    table = MediaTable(most=10)
    media = [put(table, f"ME{n}", bytes([n]) * 4) for n in range(2)]
    put(table, "ME8", bytes([0]) * 4, "MM2")
    media.append(put(table, "ME2", bytes([2]) * 4))
    assert [table.content(each) is not None for each in media] == [True, False, True]
    assert table.of("MM1") == media
    unit = Unit()
    table.add(medium("ME3", b"x" * 11), b"x" * 11, unit)
    assert dict(table.contents) == {}
    assert [key for name, key, row in unit.rows if row is None] == [
        *(sha256(bytes([n]) * 4).hexdigest() for n in (0, 2)),
        sha256(b"x" * 11).hexdigest(),
    ]


def test_deleted_media_keep_their_places() -> None:
    """So that a page token may still name them."""
    table = MediaTable()
    for sid in ("ME1", "ME2", "ME3"):
        put(table, sid, b"")
    table.delete("ME2", Unit())
    assert table.places("MM1") == ("ME1", "ME2", "ME3")
    assert [each.sid for each in table.of("MM1")] == ["ME1", "ME3"]


def test_a_deleted_messages_media_go() -> None:
    """All rows of it, and what nobody else has."""
    table, unit = MediaTable(), Unit()
    put(table, "ME1", b"cat")
    put(table, "ME2", b"dog")
    kept = put(table, "ME3", b"dog", "MM2")
    table.drop("MM1", unit)
    table.drop("MM9", unit)
    assert (list(table), table.places("MM1")) == ([kept], ())
    assert list(table.contents.values()) == [b"dog"]
    assert [(name, row) for name, _, row in unit.rows] == [
        ("media", None),
        ("media_contents", None),
        ("media", None),
    ]


def test_what_is_written_goes_to_the_store() -> None:
    """The record, and the content under its digest."""
    table, unit, media = MediaTable(), Unit(), medium("ME1", b"cat")
    table.add(media, b"cat", unit)
    assert unit.rows == [("media", "ME1", media), ("media_contents", media.digest, b"cat")]


def test_shedding() -> None:
    """A few records at a time, until none are left."""
    table, slices = MediaTable(), 1
    for number in range(10):
        put(table, f"ME{number}", bytes([number]))
    while table.shed(7):
        slices += 1
    assert (len(table), slices) == (0, 5)


@given(st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=3), st.booleans())))
def test_the_contents_are_those_of_the_media(deeds: list[tuple[int, bytes, bool]]) -> None:
    """Whatever is added and deleted: never more than fits, never one that nobody has."""
    table = MediaTable(most=6)
    for number, content, delete in deeds:
        sid = f"ME{number}"
        if table.get(sid) is not None:
            table.delete(sid, Unit())
        if not delete:
            put(table, sid, content)
        assert sum(map(len, table.contents.values())) <= 6
        assert set(table.contents) <= {media.digest for media in table}
