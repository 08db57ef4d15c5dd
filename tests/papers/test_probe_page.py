"""Every probe is in the page about them."""

import importlib.util
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parents[2] / "docs"


def test_the_page_is_current() -> None:
    """The table in `docs/probe.md` is the code's; `python docs/probe.py` writes it anew."""
    spec = importlib.util.spec_from_file_location("probe_page", DOCS / "probe.py")
    assert spec is not None
    assert spec.loader is not None
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    text = (DOCS / "probe.md").read_text(encoding="utf-8")
    assert text == writer.page(text)
    assert all(f"| `{probe.id}` |" in text for probe in writer.PROBES)
