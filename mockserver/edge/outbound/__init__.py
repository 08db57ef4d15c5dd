"""Callbacks on their way out."""
