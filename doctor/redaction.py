"""Keeps secrets and control characters out of what the doctor prints: some messages quote what a server said."""

MIN_SECRET_CHARACTERS = 8  # a shorter value would hide parts of ordinary words
MAX_TEXT_CHARACTERS = 600


class Redactor:
    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def add(self, *values: str) -> None:
        """Hide these values from now on."""
        self._secrets.update(value for value in values if len(value) >= MIN_SECRET_CHARACTERS)

    def redact(self, text: str) -> str:
        """The text without secrets and control characters, and not longer than `MAX_TEXT_CHARACTERS`."""
        for value in self._secrets:
            text = text.replace(value, "(hidden)")
        text = "".join(character if character.isprintable() else " " for character in text)
        return text if len(text) <= MAX_TEXT_CHARACTERS else f"{text[:MAX_TEXT_CHARACTERS]}…"
