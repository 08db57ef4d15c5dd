"""A local, high-fidelity mock of Twilio's messaging APIs.

`MockTwilio` and `AsyncMockTwilio` are the way in for tests; both load when first asked for, so that
importing the package (as pytest does for the plugin) costs nothing.
"""

from typing import TYPE_CHECKING

from mockserver.domain.version import __version__

if TYPE_CHECKING:
    from mockserver.handle import AsyncMockTwilio, MockTwilio

__all__ = ["AsyncMockTwilio", "MockTwilio", "__version__"]


def __getattr__(name: str) -> object:
    """Load the handles on first use (PEP 562)."""
    if name in ("MockTwilio", "AsyncMockTwilio"):
        from mockserver import handle

        return getattr(handle, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
