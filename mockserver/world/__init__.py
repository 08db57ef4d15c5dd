"""What moves in time: sandboxes, clock, store, engine, callbacks. No HTTP."""
