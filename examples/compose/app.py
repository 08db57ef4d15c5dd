"""An application as it would be in production: `Client()` out of the environment."""

import os

from flask import Flask, request
from twilio.rest import Client

app = Flask(__name__)
seen: list[dict[str, str]] = []


@app.post("/send")
def send() -> dict[str, str]:
    """Text somebody; Twilio tells `/status` what becomes of it."""
    message = Client().messages.create(
        to=request.form["to"],
        from_="+15017122661",
        body="Your order is on its way",
        status_callback=f"{os.environ['PUBLIC_URL']}/status",
    )
    return {"sid": str(message.sid), "status": str(message.status)}


@app.post("/status")
def status() -> tuple[str, int]:
    """Twilio's status callback."""
    seen.append({name: request.form[name] for name in ("MessageSid", "MessageStatus")})
    return "", 204


@app.get("/status")
def told() -> list[dict[str, str]]:
    """What Twilio has told so far."""
    return seen
