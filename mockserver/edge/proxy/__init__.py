"""The proxy: tunnels to the mock itself, and what becomes of requests for other hosts."""
