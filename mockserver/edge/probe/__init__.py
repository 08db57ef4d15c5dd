"""Probes of somebody's webhook: what Twilio might send, and what others might."""
