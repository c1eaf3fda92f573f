"""doctor.checks.model: are the models that the agent names there tomorrow too?"""

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.doctor_target.target import Examined
from sandbox.openai.faults import Faults
from sandbox.openai.models import Served
from tests.doctor.runs import OPTIONS, read, visit, write

MODEL = "gpt-realtime-2.1"
TODAY = datetime.now(UTC).date()


def in_days(days: int) -> str:
    return str(TODAY + timedelta(days=days))


@pytest.mark.parametrize(
    ("ends", "sign", "said"),
    [
        (None, "✓", "OpenAI has announced no end of it"),
        (False, "✓", "when it ends is unknown (not on the list of 2026-11-22)"),
        (in_days(400), "✓", f"until {in_days(400)}, says OpenAI's API"),
        (in_days(59), "!", "59 days from now"),
        (in_days(-1), "✗", f"was to be shut down on {in_days(-1)}, says OpenAI's API"),
    ],
)
def test_the_day_of_its_end_is_weighed(whole: Examined, ends: Served, sign: str, said: str) -> None:
    whole.model.models[MODEL] = ends

    finding = visit(whole, "agent", "model").found[1]

    assert finding.status.value == sign
    assert said in finding.says


def test_the_own_list_is_asked_where_the_api_is_silent(whole: Examined, tmp_path: Path) -> None:
    whole.model.models |= {"gpt-realtime": False}
    file = tmp_path / "agent.toml"
    file.write_text('instructions = "Help."\ngreeting = "Greet."\nmodel = "gpt-realtime"\n')

    seen = visit(whole, "agent", "model", options=dataclasses.replace(OPTIONS, agent_file=file))

    assert "2027-01-20, by the list of 2026-11-22" in seen.found[1].says


@pytest.mark.parametrize("name", [MODEL, "gpt-live-transcribe"])
def test_a_model_that_is_not_served_is_wrong(whole: Examined, name: str) -> None:
    del whole.model.models[name]

    finding = visit(whole, "agent", "model").one("✗")

    assert finding.says.startswith(f"{name} (")
    assert "is not served to this key (HTTP 404)" in finding.says


def test_a_wrong_key_is_refused(whole: Examined) -> None:
    write(whole, "openai", read(whole, "openai") | {"OPENAI_API_KEY": "sk-" + "wrong" * 5})

    assert {finding.says for finding in visit(whole, "model", "agent").found[1:]} == {"OpenAI does not accept the key"}


def test_a_bad_day_of_openais_is_a_line(whole: Examined) -> None:
    whole.model.faults = Faults(handshake_status=503)

    assert "OpenAI answered with HTTP 503" in visit(whole, "agent", "model").found[1].says


def test_an_answer_that_is_no_models_is_a_line(whole: Examined) -> None:
    whole.model.models[MODEL] = "soon"

    assert "api.openai.com did not answer as OpenAI does" in visit(whole, "agent", "model").one("✗").says


@pytest.mark.parametrize(
    ("text", "said"),
    [("model = 1", "agent.toml: "), ("=", "agent.toml: not TOML"), (None, "agent.toml cannot be read")],
)
def test_an_agent_that_cannot_be_used_is_quoted(whole: Examined, tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "agent.toml"
    if text is not None:
        file.write_text(text)

    seen = visit(whole, "agent", "model", options=dataclasses.replace(OPTIONS, agent_file=file))

    assert said in seen.one("✗").says
    assert seen.found[-1].says == "skipped: it needs the agent's file"
