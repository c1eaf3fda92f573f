"""Identifiers as Twilio writes them."""

import secrets


def make_sid(prefix: str) -> str:
    """Two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)
