"""What `twilio-mockserver run` is made of: a command under the mock, and what is told of it."""
