"""How the service answers each client event that passed the check of its fields.

Raises RefusedError where the service answers with an error because of the state that the session is in.
"""

import base64
from collections.abc import Awaitable, Callable

from sandbox.openai.configuration import check_modalities, check_output_tokens, check_tools
from sandbox.openai.conversation import Item
from sandbox.openai.errors import RefusedError
from sandbox.openai.schemas import Message
from sandbox.openai.session_state import SessionState
from sandbox.speech import mulaw


async def execute(session: SessionState, message: Message) -> None:
    """Do what the event asks for and send the events that answer it."""
    await _ACTIONS[message["type"]](session, message)


async def _update(session: SessionState, message: Message) -> None:
    session.configuration.update(message["session"])
    echoed = {**session.configuration.document, **session.faults.echo}
    await session.wire.send({"type": "session.updated", "session": echoed})


async def _append(session: SessionState, message: Message) -> None:
    try:
        audio = base64.b64decode(message["audio"], validate=True)
    except ValueError:  # not base64, or not even ASCII
        text = "Invalid 'audio'. Expected base64-encoded audio bytes but got an invalid value."
        raise RefusedError(text, code="invalid_value", param="audio") from None
    session.appends += 1
    session.audio += session.input_audio.decode(audio, session.configuration.input_format)


async def _commit(session: SessionState, _: Message) -> None:
    pending_ms = mulaw.duration_ms(session.audio[session.committed_bytes :])
    if pending_ms < 100:
        text = (
            "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, "
            f"but buffer only has {pending_ms}.00ms of audio."
        )
        raise RefusedError(text, code="input_audio_buffer_commit_empty")
    await session.add_heard(session.wire.make_id("item"))


async def _clear(session: SessionState, _: Message) -> None:
    session.committed_bytes = len(session.audio)
    await session.wire.send({"type": "input_audio_buffer.cleared"})


async def _create_item(session: SessionState, message: Message) -> None:
    document = {
        "id": session.wire.make_id("item"),
        "object": "realtime.item",
        "status": "completed",
        **message["item"],
    }
    if document["type"] == "function_call_output":
        session.conversation.answer_call(document["call_id"])
    if document["type"] == "function_call":
        document.setdefault("call_id", session.wire.make_id("call"))
    await session.add_item(Item(document), message.get("previous_item_id"))


async def _retrieve_item(session: SessionState, message: Message) -> None:
    item = session.conversation.get(message["item_id"])
    await session.wire.send({"type": "conversation.item.retrieved", "item": item.document})


async def _truncate_item(session: SessionState, message: Message) -> None:
    where = {name: message[name] for name in ("item_id", "content_index", "audio_end_ms")}
    session.conversation.truncate(**where)
    await session.wire.send({"type": "conversation.item.truncated", **where})


async def _delete_item(session: SessionState, message: Message) -> None:
    session.conversation.delete(message["item_id"])
    await session.wire.send({"type": "conversation.item.deleted", "item_id": message["item_id"]})


async def _create_response(session: SessionState, message: Message) -> None:
    options: Message = message.get("response", {})
    check_modalities(options, "response")
    check_output_tokens(options, session.configuration.document["model"], "response")
    asked = {**session.configuration.document, **options}
    check_tools(asked["tools"], asked["tool_choice"], "response")
    if session.active_response is not None:
        text = (
            "Conversation already has an active response in progress: "
            f"{session.active_response.response_id}. "
            "Wait until the response is finished before creating a new one."
        )
        raise RefusedError(text, code="conversation_already_has_active_response")
    await session.begin_response(options)


async def _cancel_response(session: SessionState, message: Message) -> None:
    wanted = message.get("response_id")
    if session.active_response is None or wanted not in (None, session.active_response.response_id):
        raise RefusedError("Cancellation failed: no active response found", code="response_cancel_not_active")
    await session.active_response.finish("cancelled", "client_cancelled")


_ACTIONS: dict[str, Callable[[SessionState, Message], Awaitable[None]]] = {
    "session.update": _update,
    "input_audio_buffer.append": _append,
    "input_audio_buffer.commit": _commit,
    "input_audio_buffer.clear": _clear,
    "conversation.item.create": _create_item,
    "conversation.item.retrieve": _retrieve_item,
    "conversation.item.truncate": _truncate_item,
    "conversation.item.delete": _delete_item,
    "response.create": _create_response,
    "response.cancel": _cancel_response,
}
