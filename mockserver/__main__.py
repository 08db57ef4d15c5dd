"""`python -m mockserver` is the same as `twilio-mockserver`."""

from mockserver.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
