"""The commands of Event Streams."""
