"""Every setting, scenario key and control call is in the reference."""

import importlib.util
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parents[2] / "docs"


def test_the_reference_is_current() -> None:
    """`docs/reference.md` is what the code says now; `python docs/generate.py` writes it anew."""
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert (DOCS / "reference.md").read_text(encoding="utf-8") == generate.reference()
