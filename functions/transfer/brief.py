"""The words that a person hears who is rung while the caller talks on: what the call is about. Pure."""

from transfer_request import Request, clean_words

# The three fields of the tool call. Speech has some fifteen characters a second: together some twelve seconds.
WHO, ABOUT, DONE = 40, 80, 60


def compose_brief(request: Request) -> str:
    """Who calls, about what, what was done: as far as the model has said it, each cut to a length."""
    parts = (("Caller", request.who, WHO), ("About", request.about, ABOUT), ("So far", request.done, DONE))
    cut = ((name, _cut(text, limit)) for name, text, limit in parts)
    return " ".join(f"{name}: {text}." for name, text in cut if text)


def _cut(text: str | None, limit: int) -> str:
    """On one line, at a space if it is too long, without a full stop at the end."""
    words = " ".join("".join(each if each.isprintable() else " " for each in clean_words(text)).split())
    if len(words) > limit:
        words = words[: limit + 1].rpartition(" ")[0] or words[:limit]
    return words.rstrip(" .,;:")
