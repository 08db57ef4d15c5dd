"""Paths, as they are written and ordered."""

from mockserver.domain.bulk.faults import Found, in_order, written


def test_paths_are_written_as_json_paths() -> None:
    """Plain names with a dot, others quoted, places in brackets; long names are cut."""
    assert written(()) == "$"
    assert written(("to", 3, "addresses", 0, "address")) == "$.to[3].addresses[0].address"
    assert written(("variables", "first name")) == "$.variables['first name']"
    assert written(("variables", "1")) == "$.variables['1']"
    assert written(("variables", "it's \\")) == "$.variables['it\\'s \\\\']"
    assert len(written(("variables", "x" * 10_000))) < 200


def test_order_is_that_of_the_document() -> None:
    """Not of the alphabet; the lowest code counts where a place has two faults."""
    document = {"to": [{"channel": 1, "address": 2}], "from": 1}
    found = [
        Found(("content",), 20001),
        Found(("from",), 21606),
        Found(("from",), 20001),
        Found(("to", 0, "address"), 21614),
        Found(("to", 0, "channel"), 20001),
        Found(("to", 0), 20001),
    ]
    assert [(one.path, one.code) for one in in_order(found, document)] == [
        (("to", 0), 20001),
        (("to", 0, "channel"), 20001),
        (("to", 0, "address"), 21614),
        (("from",), 20001),
        (("content",), 20001),
    ]
