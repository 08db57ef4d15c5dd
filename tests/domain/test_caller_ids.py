"""Caller ids as records."""

from mockserver.domain.caller_ids import CallerId


def test_a_caller_id_is_called_as_it_is_written() -> None:
    """Unless it was given a name."""
    plain = CallerId("PN" + "a" * 32, "AC" + "a" * 32, "+14158675309")
    assert plain.name == "(415) 867-5309"
    assert CallerId(plain.sid, plain.account_sid, plain.phone_number, "Jenny").name == "Jenny"
