"""sandbox.openai.not_simulated: whatever a client event may have is simulated, or is in the table."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.not_simulated import NotSimulatedError
from sandbox.openai.client_events import EVENTS, check
from sandbox.openai.not_simulated import NOT_SIMULATED
from sandbox.openai.schemas import Document, Either, ListOf, OneOf, Shape, Tagged
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from tests.sandbox.openai.client import open_client
from tests.sandbox.openai.official_events import list_official

REFUSED = {"item.content[].type=output_audio"}
"""The types have it, but the service takes no speech of the model into the history (its guide to conversations)."""


def list_shape(shape: Shape, path: str = "") -> Iterator[tuple[str, str | None]]:
    """The fields of a shape, and the words that may stand in each."""
    match shape:
        case Document():
            for name, field in shape.fields.items():
                where = f"{path}.{name}" if path else name
                yield where, None
                yield from list_shape(field, where)
        case Tagged():
            for word, document in shape.documents.items():
                yield f"{path}.{shape.tag}", word
                yield from list_shape(document, path)
        case Either():
            for each in shape.shapes:
                yield from list_shape(each, path)
        case ListOf():
            yield from list_shape(shape.element, f"{path}[]")
        case OneOf():
            yield from ((path, str(word)) for word in shape.words)


def list_simulated() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"type": set(EVENTS)}
    for event in EVENTS.values():
        for path, word in list_shape(event):
            found.setdefault(path, set()).update({word} if word is not None else ())
    return found


SIMULATED, OFFICIAL = list_simulated(), list_official(NOT_SIMULATED)


def test_every_field_is_simulated_or_in_the_table() -> None:
    assert OFFICIAL.keys() - SIMULATED.keys() == {feature for feature in NOT_SIMULATED if "=" not in feature}


def test_every_word_is_simulated_or_in_the_table() -> None:
    """Where any text may stand, as for the model's name, no words are simulated one by one."""
    missing = {f"{path}={word}" for path, words in OFFICIAL.items() if (known := SIMULATED.get(path))
               for word in words - known}  # fmt: skip

    assert missing == {feature for feature in NOT_SIMULATED if "=" in feature} | REFUSED


def test_nothing_is_simulated_that_the_protocol_has_not() -> None:
    assert SIMULATED.keys() - OFFICIAL.keys() == set()


@pytest.mark.parametrize(
    ("event", "feature"),
    [
        ({"type": "output_audio_buffer.clear"}, "type=output_audio_buffer.clear"),
        ({"type": "session.update", "session": {"type": "transcription"}}, "session.type=transcription"),
        ({"type": "session.update", "session": {"type": "realtime", "prompt": {"id": "pmpt_1"}}}, "session.prompt"),
        (
            {
                "type": "session.update",
                "session": {"type": "realtime", "tools": [{"type": "mcp"}]},
            },
            "session.tools[].type=mcp",
        ),
        ({"type": "response.create", "response": {"conversation": "none"}}, "response.conversation=none"),
        ({"type": "response.create", "response": {"input": []}}, "response.input"),
        ({"type": "conversation.item.create", "item": {"type": "mcp_call"}}, "item.type=mcp_call"),
        (
            {
                "type": "conversation.item.create",
                "item": {"type": "message", "role": "user", "content": [{"type": "input_image"}]},
            },
            "item.content[].type=input_image",
        ),
    ],
)
def test_an_event_that_is_not_simulated_is_not_refused_in_the_services_words(
    event: dict[str, Any], feature: str
) -> None:
    with pytest.raises(NotSimulatedError) as refused:
        check(event)

    assert refused.value.feature == feature


async def test_what_is_not_simulated_gets_the_sandboxs_own_error_and_the_session_goes_on() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        error = await client.expect_refusal("response.create", event_id="e1", response={"input": []})
        await client.update()

    assert error == {
        "type": "sandbox_error",
        "code": "not_simulated",
        "message": "not simulated by the sandbox: response.input",
        "param": "response.input",
        "event_id": "e1",
    }


def test_a_document_may_be_deep() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"items": deep}
    tool = {"type": "function", "name": "a", "parameters": deep}

    check({"type": "session.update", "session": {"type": "realtime", "tools": [tool]}})
