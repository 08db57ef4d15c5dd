"""Carries out what the rules of a sandbox do to API calls. Loaded with the first that fires."""

from mockserver.edge.misbehaving.befalling import befall
from mockserver.edge.misbehaving.spoiling import Spoiled

__all__ = ["Spoiled", "befall"]
