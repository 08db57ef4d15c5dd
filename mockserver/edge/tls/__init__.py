"""TLS for `*.twilio.com`: a certificate authority, certificates by host, and the layer itself."""
