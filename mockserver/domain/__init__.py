"""Facts and rules: no I/O, no event loop, no clock, no chance."""
