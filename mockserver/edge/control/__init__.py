"""Our own API under `/_mock`."""

from mockserver.edge.control.routes import Control

__all__ = ["Control"]
