"""What people are called whose telephones a directory names: the words in which the caller hears of them."""

from collections.abc import Mapping

import msgspec


class _Destination(msgspec.Struct):
    name: str = ""
    spoken: str = ""
    targets: list[str] = []


class _Directory(msgspec.Struct):
    destination: list[_Destination] = []


def read_names(directory: str) -> Mapping[str, str]:
    """By the number or address that is rung, from the text of a directory.toml. Of one that is wrong, nothing."""
    try:
        destinations = msgspec.toml.decode(directory, type=_Directory).destination
    except (msgspec.MsgspecError, UnicodeError):
        return {}
    names: dict[str, str] = {}
    for destination in destinations:
        name = destination.spoken or destination.name.replace("_", " ")
        name = name[:1].upper() + name[1:]
        for number, target in enumerate(destination.targets, start=1):
            names.setdefault(target, name if len(destination.targets) == 1 else f"{name} ({number})")
    return names
