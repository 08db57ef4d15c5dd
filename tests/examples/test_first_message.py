"""An application that sends a code and follows what becomes of it, and the test that a user writes.

Nothing here sleeps: the mock's clock is instant, and the test waits for what it wants to see.
"""

import threading
from collections.abc import Iterator
from queue import Queue

import pytest
from flask import Flask, abort, request
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.serving import make_server

from mockserver import MockTwilio

# -- the application -------------------------------------------------------------------------------


def send_code(client: Client, to: str, code: str, callback: str) -> str:
    """What the application does when somebody logs in; the SID it stores."""
    message = client.messages.create(
        to=to, from_="+15017122661", body=f"Your code is {code}", status_callback=callback
    )
    return str(message.sid)


def make_app(auth_token: str, statuses: "Queue[tuple[str, str]]") -> Flask:
    """Its webhook, which believes nothing that Twilio did not sign."""
    app = Flask(__name__)
    validator = RequestValidator(auth_token)

    @app.post("/status")
    def status() -> tuple[str, int]:
        signature = request.headers.get("X-Twilio-Signature", "")
        if not validator.validate(request.url, request.form, signature):
            abort(403)
        statuses.put((request.form["MessageSid"], request.form["MessageStatus"]))
        return "", 204

    return app


# -- the test --------------------------------------------------------------------------------------


@pytest.fixture
def statuses() -> "Queue[tuple[str, str]]":
    """What the webhook was told."""
    return Queue()


@pytest.fixture
def callback(twilio_mock: MockTwilio, statuses: "Queue[tuple[str, str]]") -> Iterator[str]:
    """The application's webhook, listening."""
    server = make_server("127.0.0.1", 0, make_app(twilio_mock.auth_token, statuses), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/status"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_code_arrives(
    twilio_mock: MockTwilio, callback: str, statuses: "Queue[tuple[str, str]]"
) -> None:
    """It is sent, then delivered, and the application is told both, in this order."""
    sid = send_code(twilio_mock.client(), "+15558675310", "123456", callback)

    message = twilio_mock.wait_for_message(to="+15558675310", status="delivered")
    assert message.sid == sid
    assert message.codes == ["123456"]
    assert statuses.get(timeout=5) == (sid, "sent")
    assert statuses.get(timeout=5) == (sid, "delivered")


def test_a_code_that_is_lost(
    twilio_mock: MockTwilio, callback: str, statuses: "Queue[tuple[str, str]]"
) -> None:
    """The handset is off: the application is told so."""
    twilio_mock.deliver(to="+1555*", outcome="undelivered", error_code=30003)
    sid = send_code(twilio_mock.client(), "+15558675310", "123456", callback)
    assert [statuses.get(timeout=5), statuses.get(timeout=5)] == [
        *((sid, "sent"), (sid, "undelivered"))
    ]


def test_a_forged_callback_is_refused(callback: str) -> None:
    """Only what is signed with the Auth Token is from Twilio."""
    import requests

    forged = requests.post(callback, data={"MessageStatus": "delivered"}, timeout=5)
    assert forged.status_code == 403
