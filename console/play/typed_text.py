"""What the caller types where nothing can be spoken: it goes into the model's session as text.

Nobody on the telephone hears it, and the model answers as if it had been said.
https://developers.openai.com/api/docs/guides/realtime-conversations#text-inputs-and-outputs
"""

import json

from console.local.local_run import LocalRun
from console.local.wire_notes import WireSession
from console.play.telephone import CommandError

NOTE = (
    "No speech program was found on this machine: what the caller types goes to the model as text, and nobody hears "
    "it. To have it spoken, install flite (Debian: apt-get install flite) and start again."
)


def add_typed_text(local: LocalRun, call_sid: str | None, text: str) -> None:
    """Raises CommandError if the model does not listen now."""
    sessions = local.source.list_sessions(call_sid or "")
    if not sessions or sessions[-1].closed_at_ms is not None:
        raise CommandError("The assistant is not on the line, and nobody else can read what is typed.")
    if _answers(sessions[-1]):
        raise CommandError("The assistant is about to answer. Type it again when it has.")
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "user", "content": content}
    for event in ({"type": "conversation.item.create", "item": item}, {"type": "response.create"}):
        local.wire.add(sessions[-1], json.dumps(event))


def _answers(session: WireSession) -> bool:
    """Whether it makes a response: then it would refuse to begin another one."""
    types = [
        note.type for note in session.notes if note.type in ("response.create", "response.created", "response.done")
    ]
    return bool(types) and types[-1] != "response.done"
