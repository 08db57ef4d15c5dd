"""A small Flask application that believes only what Twilio signed.

TWILIO_AUTH_TOKEN=… python flask_app.py ANSWERS.json

It prints its port, keeps what it gets until somebody asks (DELETE /kept), and ends with its
standard input.
"""

import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.serving import make_server

ANSWERS: dict[str, tuple[int, str]] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
METHODS = ["GET", "POST"]

app = Flask(__name__)
app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]  # as Flask's docs do it
kept: list[dict[str, Any]] = []

View = Callable[..., Response]


def validate_twilio_request(view: View) -> View:
    """The decorator of Twilio's docs, but for the URL.

    There it is `request.url`, which Flask has decoded: a GET with a letter beyond ASCII in its
    query would not pass.
    """

    @wraps(view)
    def decorated(*args: Any, **kwargs: Any) -> Response:
        validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
        url = f"{request.scheme}://{request.host}{request.environ['RAW_URI']}"
        body = request.get_data(as_text=True) if request.is_json else request.form
        if not validator.validate(url, body, request.headers.get("X-TWILIO-SIGNATURE", "")):
            abort(403)
        return view(*args, **kwargs)

    return decorated


@app.route("/", defaults={"path": ""}, methods=METHODS)
@app.route("/<path:path>", methods=METHODS)
@validate_twilio_request
def webhook(path: str) -> Response:
    status, text = ANSWERS.get(f"/{path}", (204, ""))
    return Response(text, status, content_type="text/xml")


@app.route("/kept", methods=["DELETE"])
def show() -> Response:
    shown = Response(json.dumps(kept), content_type="application/json")
    kept.clear()
    return shown


@app.after_request
def keep(response: Response) -> Response:
    if request.path != "/kept":
        kept.append(
            {
                "method": request.method,
                "path": request.path,
                "params": request.values.to_dict(flat=False),
                "status": response.status_code,
            }
        )
    return response


def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
