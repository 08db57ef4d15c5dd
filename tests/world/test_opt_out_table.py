"""Who has stopped whom: found by recipient, listed in order, one record for each pair."""

import pytest

from mockserver.domain.numbers import OptOut
from mockserver.world.opt_out_table import OptOutTable
from mockserver.world.tables import Unit

ME, OTHER, YOU, THEM = "+15017122661", "+15017122662", "+14155552671", "+14155552672"


def test_records_are_found_by_recipient() -> None:
    """In the order in which they came."""
    table, unit = OptOutTable(), Unit()
    assert not table
    outs = [OptOut(ME, YOU, 3), OptOut(ME, THEM, 2), OptOut(OTHER, YOU, 1)]
    for out in outs:
        assert table.add(out, unit) is out
    assert (len(table), list(table)) == (3, outs)
    assert list(table.of(YOU)) == [outs[0], outs[2]]
    assert list(table.of(ME)) == []


def test_one_record_for_a_pair() -> None:
    """The first stays; `rcs:` makes no difference, `whatsapp:` does."""
    table, unit = OptOutTable(), Unit()
    first = table.add(OptOut(ME, YOU, 1), unit)
    assert table.add(OptOut(f"rcs:{ME}", f"rcs:{YOU}", 2), unit) is first
    assert list(table.of(f"rcs:{YOU}")) == [first]
    assert len(unit.rows) == 1
    apart = table.add(OptOut(f"whatsapp:{ME}", f"whatsapp:{YOU}"), unit)
    assert list(table) == [first, apart]


def test_every_change_goes_to_the_store() -> None:
    """A record that goes is a row without one."""
    table, unit = OptOutTable(), Unit()
    out = table.add(OptOut(ME, YOU), unit)
    table.add(OptOut(OTHER, YOU), unit)
    table.remove(out, unit)
    key = f"{ME} {YOU}"
    assert [unit.rows[0], unit.rows[-1]] == [("opt_outs", key, out), ("opt_outs", key, None)]
    assert [each.from_ for each in table.of(YOU)] == [OTHER]
    with pytest.raises(KeyError):
        table.remove(out, unit)


def test_taking_out_while_going_through() -> None:
    """Is fine, and leaves nothing behind."""
    table, unit = OptOutTable(), Unit()
    for sender in (ME, OTHER):
        table.add(OptOut(sender, YOU), unit)
    for out in table:
        table.remove(out, unit)
    assert not table
    assert list(table.of(YOU)) == []
