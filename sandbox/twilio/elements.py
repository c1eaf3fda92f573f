"""What all elements of TwiML have in common, and the types of their attributes."""

from typing import Annotated, Literal

import msgspec

Method = Literal["GET", "POST"]
Url = Annotated[str, msgspec.Meta(min_length=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
SipAddress = Annotated[str, msgspec.Meta(pattern=r"^(sips?:([^\s@]+@)?|[^\s@]+@)[^\s@]+$")]
CALL_EVENTS = ("initiated", "ringing", "answered", "completed")
CONFERENCE_EVENTS = frozenset(("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"))


class Element(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename="camel",
    tag=True,
    tag_field="tag",
):
    """Common to all; `tag` is the name of the element in XML and of the class."""


class Parameter(Element, frozen=True):
    name: str
    value: str = ""
