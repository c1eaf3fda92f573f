"""Ways in which a model can fail, for tests of what a client does then."""

import asyncio
from dataclasses import dataclass, field

from sandbox.openai.audio_formats import Format
from sandbox.openai.schemas import Message


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong with the sessions that are opened from now on."""

    handshake_status: int | None = None  # answer the handshake with this HTTP status
    retry_after: str | None = None  # and with this header
    accept_when: asyncio.Event | None = None  # complete the handshake only when this is set
    mute: bool = False  # accept, then never send anything of one's own accord
    ignores: frozenset[str] = frozenset()  # types of client events that are never answered
    echo: Message = field(default_factory=dict)  # fields of `session.updated` that differ from what was asked
    # The format of all audio that is said, whatever `session.updated` repeats: as a server does that knows only PCM and
    # repeats what it was asked for. OpenAI's own speaks the format that it repeats.
    speaks: Format | None = None
