"""Reads fields on which nothing depends. They may be missing, null or of any type."""


def find_value(value: object, *path: str) -> object:
    """The value at this place in an object of objects; None if there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def to_text(value: object) -> str:
    """A string as it is, a number as one; "" for everything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
