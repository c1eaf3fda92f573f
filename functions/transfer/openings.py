"""What is answered about destinations: who can be reached now, and when the others open. Pure."""

from collections.abc import Iterable
from datetime import datetime

import routing
from destination import Destination
from hours import describe_opening

type Answer = dict[str, object]


def describe(destination: Destination, now: datetime) -> Answer:
    described: Answer = {"name": destination.name, "description": destination.description, "mode": destination.mode}
    return described | {"open": destination.open_at(now)} | describe_first([destination], now)


def describe_first(destinations: Iterable[Destination], now: datetime) -> Answer:
    """When the first of them opens, for programs and as one says it."""
    moment = routing.find_opening(destinations, now)
    if moment is None:
        return {"opens_at": None, "opens": None}
    return {"opens_at": moment.isoformat(), "opens": describe_opening(moment, now)}


def describe_tried(wanted: Iterable[Destination], now: datetime) -> Answer:
    """The open destinations when nobody is left to ring: they were rung already, and may be asked for by name."""
    names = [each.name for each in wanted if each.open_at(now)]
    return {"tried": names} if names else {}
