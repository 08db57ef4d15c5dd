"""A large dictionary in leaves."""

from typing import Any

from mockserver.world.leaves import Leaves


def test_a_leaf_for_each_last_letter() -> None:
    """What is put into one is found there, and nowhere else."""
    found: Leaves[int] = Leaves()
    for number in range(160):
        found[f"{number:032x}"[-1:]][f"{number:032x}"] = number
    assert {end: len(leaf) for end, leaf in found.items()} == dict.fromkeys("0123456789abcdef", 10)
    assert all(found[f"{number:032x}"[-1:]][f"{number:032x}"] == number for number in range(160))
    assert found["0"].get("1") is None


def test_any_key_has_a_leaf() -> None:
    """Also one without letters."""
    found: Leaves[int] = Leaves()
    assert found[""[-1:]].get("") is None
    found["é"]["café"] = 1
    assert found["café"[-1:]] == {"café": 1}


def test_whoever_wants_to_know_has_a_page_for_each() -> None:
    """It is made when it is first asked for, and named after the letter."""
    pages: dict[str, dict[str, Any]] = {}

    def paper(name: str) -> dict[str, Any]:
        assert name not in pages
        return pages.setdefault(name, {})

    found: Leaves[int] = Leaves(paper, "numbers")
    found["1"]["1"], found["2"]["12"], found["2"]["22"] = 1, 12, 22
    assert pages == {"numbers/1": {"1": 1}, "numbers/2": {"12": 12, "22": 22}}
    assert found["2"] is pages["numbers/2"]
