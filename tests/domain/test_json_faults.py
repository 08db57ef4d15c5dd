"""Faults, their places, and the one refusal that tells of all."""

import pytest

from mockserver.domain.json_faults import (
    GONE,
    INVALID,
    NOT_A_NUMBER,
    TAKEN,
    UNKNOWN,
    Refused,
    fault,
    path,
    refuse,
)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), "null"),
        (("to",), "$.to"),
        (("to", 0, "address"), "$.to[0].address"),
        ((3, "senderId"), "$[3].senderId"),
    ],
)
def test_paths(parts: tuple[str | int, ...], expected: str) -> None:
    """As the reference writes them; the word `null` for the document itself."""
    assert path(parts) == expected


def test_a_fault_has_the_text_of_its_problem() -> None:
    """With the values filled in."""
    found = fault(INVALID, "$.name", what="$.name is required")
    assert (found.code, found.status, found.context) == (20001, 400, "$.name")
    assert found.message == "Invalid parameter: $.name is required"
    assert fault(GONE).context == "null"


def test_nothing_is_wrong() -> None:
    """Then nothing is raised."""
    refuse([])


def test_the_first_names_the_code() -> None:
    """And its status is that of all, where they agree."""
    with pytest.raises(Refused) as refused:
        refuse([fault(TAKEN, "$.name", what="{name}"), fault(TAKEN, "$.other", what="")])
    assert (refused.value.code, refused.value.status) == (20409, 409)
    assert refused.value.message == "Conflict: {name}"
    assert [each.context for each in refused.value.faults] == ["$.name", "$.other"]


def test_statuses_that_differ() -> None:
    """Together they are a 400."""
    for faults in ([fault(TAKEN, what=""), fault(UNKNOWN)], [fault(GONE), fault(NOT_A_NUMBER)]):
        assert Refused(faults).status == 400
    assert Refused([fault(GONE)]).status == 404
