"""Phone numbers by their last digits, and no keys, in whatever text they stand.

A number is found by its plus sign, or after `sip:` and `tel:`. Digits alone are no number: they may be a time, a price
or a part of a CallSid.
"""

import re

# "+", as a form, a form within a form, XML and JSON write it.
_PLUS = r"(?:\+|%(?:25)*2[Bb]|&\#43;|&\#x2[Bb];|\\u002[Bb])"
# E.164 has 15 digits at most. A model writes a number that it heard with blanks, dots and dashes.
_NUMBER = re.compile(rf"(?:{_PLUS}|(?<=sip:)|(?<=sips:)|(?<=tel:))[1-9](?:[ ().-]{{0,2}}\d){{6,14}}", re.ASCII)
_SHOWN_DIGITS = 4
# Signed tokens, OpenAI's keys, what a header Authorization has. Whoever makes a message should leave them out; a page
# may be shown to others, so they are looked for once more.
_SECRET = re.compile(
    r"(?:\b|(?<=%[0-9A-F]{2}))(?:eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}|sk-[\w-]{16,})"
    r"|(?:(?<=Basic )|(?<=Bearer ))(?=\S*\d)[\w.~+/=-]{16,}",
    re.ASCII,
)


def mask_numbers(text: str, show: bool) -> str:
    """The text with "…0001" in place of "+15550100001"; the text as it is if numbers are shown."""
    return text if show else _NUMBER.sub(_mask, text)


def hide_secrets(text: str) -> str:
    """The text with "…" in place of each key and token."""
    return _SECRET.sub("…", text)


def _mask(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    return f"…{digits[-_SHOWN_DIGITS:]}"
