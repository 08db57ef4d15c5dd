"""What `MockTwilio` and `AsyncMockTwilio` are made of; `mockserver.handle` is the shop window.

Standard library only: this runs inside other people's test processes. PYTEST_DONT_REWRITE
"""
