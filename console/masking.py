"""Phone numbers by their last digits, and no keys, in whatever text they stand.

A number is found by its plus sign, or after `sip:` and `tel:`. Digits alone are no number: they may be a time, a price
or a part of a CallSid.
"""

import re

# "+", as a form, a form within a form, XML, HTML and JSON write it, or somebody who types with wide letters.
_PLUS = r"(?:[+＋]|%(?:25)*2[Bb]|&\#0*43;|&\#x0*2[Bb];|&plus;|\\u002[Bb])"
# What people and models put between digits: blanks, dots, dashes, brackets and what cannot be seen (U+00AD, U+200B to
# U+200F, U+2028 to U+202F, U+2060 to U+2069, U+FEFF), as they are, or as a form and JSON write them.
_GAP = (
    r"(?:[\s()./_\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff-]"
    r"|%(?:25)*2[089DEFdef]|\\u(?:00[aA][0dD]|20[0-6][0-9a-fA-F]|2212|[fF][eE][fF][fF]))"
)
_REST = rf"(?:{_GAP}{{0,3}}\d){{6,14}}"  # E.164 has 15 digits at most
_NUMBER = re.compile(
    rf"%(?:25)*2[Bb](?!0)\d(?:(?:\+|{_GAP}){{0,3}}\d){{6,14}}"  # in a form a blank is a "+"
    rf"|{_PLUS}(?!0)\d{_REST}"
    rf"|(?<!\d )[+＋]{_GAP}{{1,3}}(?!0)\d{_REST}"  # after a digit and a blank it is a sum
    rf"|(?:(?<=(?i:sip:))|(?<=(?i:sips:))|(?<=(?i:tel:)))\d{_REST}"
)
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
