"""What every Twilio host shares: auth, forms, refusals, recording, replies."""
