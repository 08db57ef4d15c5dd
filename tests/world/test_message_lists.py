"""Each account's messages: by sender, by direction, counted."""

from msgspec.structs import replace

from mockserver.domain.message import Message
from mockserver.world.message_lists import TIMES_COUNTED, MessageLists
from mockserver.world.places import Places

BLANK = Message(
    sid="",
    ordinal=0,
    account_sid="AC" + "1" * 32,
    direction="outbound-api",
    channel="sms",
    origin="messages",
    to="+14155550001",
    from_="+15017122661",
    body="Ahoy",
    encoding="GSM-7",
    num_segments=1,
    num_media=0,
    created_at=0,
)

ONE, OTHER = BLANK.account_sid, "AC" + "2" * 32


def filled(*messages: Message) -> MessageLists:
    """Lists of messages that get their places and times in this order."""
    places = Places()
    lists = MessageLists(places)
    for place, message in enumerate(messages):
        placed = replace(message, sid=f"SM{place}", ordinal=place, created_at=place)
        places.append(placed)
        lists[placed.account_sid].add(placed)
    return lists


def test_who_has_none() -> None:
    """Looking makes nobody an account."""
    lists = filled(BLANK)
    assert [*lists.newest_first(OTHER, None, None, None)] == []
    assert [*lists.oldest_first_after(OTHER, 0, None, None)] == []
    assert (list(lists.inbound(OTHER)), lists.outbound(OTHER, 0)) == ([], 0)
    assert lists.keys() == {ONE}


def test_many_messages_of_one_service() -> None:
    """The index by sender takes each in its place, in whatever order senders are chosen."""
    lists, chosen = filled(*[replace(BLANK, from_="")] * 300), "+15017122662"
    messages = [*lists.newest_first(ONE, None, None, None)]
    for message in [*messages[::2], *messages[::-2]]:
        lists[ONE].add_sender(replace(message, from_=chosen))
    found = lists.newest_first(ONE, None, None, chosen)
    assert [each.ordinal for each in found] == list(range(299, -1, -1))


def test_what_handsets_sent() -> None:
    """Apart for each account, and no part of what went out."""
    heard = replace(BLANK, direction="inbound")
    lists = filled(BLANK, heard, replace(heard, account_sid=OTHER), heard)
    assert ([*lists.inbound(ONE)], [*lists.inbound(OTHER)]) == ([1, 3], [2])
    assert (lists.outbound(ONE, 0), lists.outbound(OTHER, 0)) == (1, 0)


def test_counting_goes_on_from_where_it_was() -> None:
    """What came since is added; of times long ago the counts are not kept, but for ever's."""
    lists = filled(*[BLANK] * 10)
    assert [lists.outbound(ONE, since) for since in range(10)] == [*range(10, 0, -1)]
    assert lists[ONE].counted.keys() == {0, 8, 9}
    assert len(lists[ONE].counted) == TIMES_COUNTED
    lists._places.append(late := replace(BLANK, sid="SM10", ordinal=10, created_at=10))
    lists[ONE].add(late)
    assert [lists.outbound(ONE, since) for since in (0, 5, 9)] == [11, 6, 2]
