"""SIDs are minted from given bytes and recognised by form and prefix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.sids import PREFIXES, is_sid, mint


@given(st.sampled_from(sorted(PREFIXES)), st.binary(min_size=16, max_size=16))
def test_a_minted_sid_is_one_of_its_prefix(prefix: str, entropy: bytes) -> None:
    """A SID is its prefix and 32 lower-case digits, which hold the entropy and nothing else."""
    sid = mint(prefix, entropy)
    assert len(sid) == 34
    assert sid == sid[:2] + sid[2:].lower()
    assert is_sid(sid)
    assert is_sid(sid, prefix)
    assert bytes.fromhex(sid[2:]) == entropy


@pytest.mark.parametrize("size", [0, 15, 17])
def test_minting_takes_sixteen_bytes(size: int) -> None:
    """Any other amount of entropy would make something that is no SID, and is refused."""
    with pytest.raises(ValueError, match="16 bytes"):
        mint("SM", bytes(size))


def test_prefixes_are_told_apart() -> None:
    """A message is asked for as `SM` or `MM`; another kind of SID does not do."""
    sid = "MM" + "0" * 32
    assert is_sid(sid, "SM", "MM")
    assert not is_sid(sid, "SM", "AC")


def test_upper_case_digits_are_accepted() -> None:
    """Twilio's patterns allow them, though it never makes such SIDs."""
    assert is_sid("AC" + "ABCDEF01" * 4, "AC")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "AC",
        "invalid_sid",
        "ac" + "0" * 32,
        "AC" + "0" * 31,
        "AC" + "0" * 33,
        "AC" + "0" * 31 + "g",
        "AC" + "0" * 32 + "\n",
        "AC" + "٠" * 32,
    ],
)
def test_what_is_no_sid(value: str) -> None:
    """Wrong case of the prefix, wrong length, other digits, a trailing newline."""
    assert not is_sid(value)
