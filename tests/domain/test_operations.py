"""The names of operations that rules may mean."""

from mockserver.domain.operations import SERVED, operations


def test_their_full_names() -> None:
    """Product, version where it has one, and operationId; each once."""
    names = operations()
    assert {"api.v2010.CreateMessage", "twilionotify.createBinding"} < set(names)
    assert len(set(names)) == len(names) == sum(len(each.split()) for each in SERVED.values())
