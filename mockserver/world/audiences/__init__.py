"""Stores of profiles, and cohorts of their members, to whom operations are sent.

Ours to set up: over the control API, in a seed, from a file, or made up. A store only grows, and
what is there never changes; so who is sent to is what was there then, and nothing is copied.
"""
