"""OpenAI Realtime: who gets a session, and what it can be configured to be."""

import pytest

from tests.contract.realtime import MODEL, PHONE, Realtime, Session

PCMU = {"type": "audio/pcmu"}


# A refusal comes at the handshake (401, 403, 404), or as an error event before the close (openai's own client says so).
async def test_nobody_gets_a_session_without_a_key(realtime: Realtime) -> None:
    assert await realtime.try_session(None) in (401, 403, "invalid_api_key", "missing_api_key")


async def test_nobody_gets_a_session_with_a_wrong_key(realtime: Realtime) -> None:
    assert await realtime.try_session("sk-wrong") in (401, 403, "invalid_api_key")


async def test_nobody_gets_a_session_with_an_unknown_model(realtime: Realtime) -> None:
    refused = await realtime.try_session(realtime.api_key, "no-such-model")

    assert refused in (400, 403, 404, "model_not_found", "invalid_model")


async def test_a_session_tells_its_model_and_when_it_expires(realtime: Realtime) -> None:
    async with realtime.open_session() as session:
        created = session.created["session"]

    assert (created["type"], created["model"].startswith(MODEL)) == ("realtime", True)
    assert created["id"]
    assert isinstance(created["expires_at"], int)


async def test_mu_law_is_echoed_both_ways(session: Session) -> None:
    audio = (await session.configure())["audio"]

    assert (audio["input"]["format"]["type"], audio["output"]["format"]["type"]) == ("audio/pcmu", "audio/pcmu")


async def test_a_turn_detection_that_is_null_is_off(session: Session) -> None:
    assert (await session.configure())["audio"]["input"]["turn_detection"] is None


async def test_an_update_changes_only_what_it_names(session: Session) -> None:
    changes = {"type": "realtime", "instructions": "Be brief."}
    updated = (await session.ask("session.update", "session.updated", session=changes))["session"]

    assert updated["instructions"] == "Be brief."
    assert updated["audio"]["input"]["format"]["type"] == "audio/pcmu"


async def test_the_whole_of_the_agent_s_turn_detection_is_echoed(session: Session) -> None:
    detection = {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "create_response": False,
        "interrupt_response": False,
    }
    audio = {"input": {"format": PCMU, "turn_detection": detection}, "output": {"format": PCMU}}

    echoed = (await session.configure(audio=audio))["audio"]["input"]["turn_detection"]

    assert {name: echoed[name] for name in detection} == detection


async def test_tools_are_echoed(session: Session) -> None:
    tool = {
        "type": "function",
        "name": "transfer_call",
        "description": "Put through.",
        "parameters": {"type": "object"},
    }

    (echoed,) = (await session.configure(tools=[tool]))["tools"]

    assert (echoed["type"], echoed["name"]) == ("function", "transfer_call")


async def test_a_session_without_its_type_is_refused(session: Session) -> None:
    error = await session.expect_error("session.update", session={"instructions": "Be brief."})

    assert (error["code"], error["param"]) == ("missing_required_parameter", "session.type")


async def test_mu_law_with_a_rate_is_refused(session: Session) -> None:
    audio = {"input": {"format": {**PCMU, "rate": 8000}}}
    error = await session.expect_error("session.update", session={"type": "realtime", "audio": audio})

    assert (error["code"], error["param"]) == ("unknown_parameter", "session.audio.input.format.rate")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("modalities", ["audio"]),
        ("voice", "marin"),
        ("temperature", 0.8),
        ("input_audio_format", "g711_ulaw"),
        ("max_response_output_tokens", 100),
    ],
)
async def test_a_field_of_the_beta_is_refused(session: Session, name: str, value: object) -> None:
    error = await session.expect_error("session.update", session={"type": "realtime", name: value})

    assert (error["code"], error["param"]) == ("unknown_parameter", f"session.{name}")


@pytest.mark.parametrize(
    "change",
    [
        {"output_modalities": ["text", "audio"]},
        {"max_output_tokens": 0},
        {"audio": {"output": {"speed": 2.0}}},
        {"audio": {"output": {"voice": "nobody"}}},
        {"audio": {"input": {"format": {"type": "audio/opus"}}}},
        {"audio": {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 1000}}}},
        {"audio": {"input": {"turn_detection": {"type": "semantic_vad", "idle_timeout_ms": 6000}}}},
    ],
    ids=lambda change: str(change)[:60],
)
async def test_a_value_out_of_bounds_is_refused(session: Session, change: dict[str, object]) -> None:
    error = await session.expect_error("session.update", session={"type": "realtime", **change})

    assert error["type"] == "invalid_request_error"


async def test_a_refused_update_changes_nothing(session: Session) -> None:
    audio = {"input": {"format": {"type": "audio/pcm", "rate": 24000}}, "output": {"speed": 2.0}}
    await session.expect_error("session.update", session={"type": "realtime", "audio": audio})

    updated = (await session.ask("session.update", "session.updated", session={"type": "realtime"}))["session"]

    assert updated["audio"]["input"]["format"]["type"] == "audio/pcmu"


async def test_an_event_of_an_unknown_type_is_refused_and_the_session_goes_on(session: Session) -> None:
    error = await session.expect_error("session.improve")

    assert error["type"] == "invalid_request_error"
    assert (await session.ask("session.update", "session.updated", session=PHONE))["session"]["id"]
