"""`{certificate: expired}`: TLS is offered with a certificate that no client should accept."""

import msgspec


class CertificateFault(msgspec.Struct, frozen=True):
    """What is wrong with it.

    It is met before there is a request, so a rule that has it can look at nothing but the `host`
    that the client asks for, and no account's sandbox is known: it holds for the whole server.
    """

    certificate: str
    """`expired`: it ran out yesterday; `wrong_host`: it is for another name."""
