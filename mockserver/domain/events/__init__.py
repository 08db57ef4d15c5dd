"""Event Streams: what there is to subscribe to, what an event says, and when it is tried again."""
