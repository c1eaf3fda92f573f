"""doctor.checks.model: whether the agent's models can be used, and until when."""

import dataclasses
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from doctor.findings import Status
from doctor.options import ROOT
from sandbox.doctor_target.target import DoctorTarget
from sandbox.openai.faults import Faults
from sandbox.openai.models import Served
from tests.doctor.runs import OPTIONS, diagnose, read, write

MODEL = "gpt-realtime-2.1"
TODAY = datetime.now(UTC).date()


def find_date_in(days: int) -> str:
    return str(TODAY + timedelta(days=days))


@pytest.mark.parametrize(
    ("ends", "symbol", "said"),
    [
        (None, "✓", "OpenAI has announced no end of it"),
        (False, "✓", "when it ends is unknown (not on the list of 2026-11-22)"),
        (find_date_in(400), "✓", f"until {find_date_in(400)}, says OpenAI's API"),
        (find_date_in(59), "!", "59 days from now"),
        (find_date_in(-1), "✗", f"was to be shut down on {find_date_in(-1)}, says OpenAI's API"),
    ],
)
def test_the_shutdown_date_decides_the_status(target: DoctorTarget, ends: Served, symbol: str, said: str) -> None:
    target.model.models[MODEL] = ends

    finding = diagnose(target, "agent", "model").findings[1]

    assert finding.status.value == symbol
    assert said in finding.message


def test_our_own_list_is_used_where_the_api_gives_no_date(target: DoctorTarget, tmp_path: Path) -> None:
    target.model.models |= {"gpt-realtime": False}
    file = tmp_path / "agent.toml"
    file.write_text('instructions = "Help."\ngreeting = "Greet."\nmodel = "gpt-realtime"\n')

    diagnosis = diagnose(target, "agent", "model", options=dataclasses.replace(OPTIONS, agent_file=file))

    assert "2027-01-20, by the list of 2026-11-22" in diagnosis.findings[1].message


@pytest.mark.parametrize("name", [MODEL, "gpt-live-transcribe"])
def test_a_model_that_the_key_may_not_use_is_a_failure(target: DoctorTarget, name: str) -> None:
    del target.model.models[name]

    finding = diagnose(target, "agent", "model").find_only("✗")

    assert finding.message.startswith(f"{name} (")
    assert "is not served to this key (HTTP 404)" in finding.message


def test_a_wrong_key_is_refused(target: DoctorTarget) -> None:
    write(target, "openai", read(target, "openai") | {"OPENAI_API_KEY": "sk-" + "wrong" * 5})

    assert {finding.message for finding in diagnose(target, "model", "agent").findings[1:]} == {
        "OpenAI does not accept the key"
    }


def test_an_error_of_openai_is_reported(target: DoctorTarget) -> None:
    target.model.faults = Faults(handshake_status=503)

    assert "OpenAI answered with HTTP 503" in diagnose(target, "agent", "model").findings[1].message


def test_an_answer_that_is_no_model_is_reported(target: DoctorTarget) -> None:
    target.model.models[MODEL] = "soon"

    assert "api.openai.com did not answer as OpenAI does" in diagnose(target, "agent", "model").find_only("✗").message


@pytest.mark.parametrize(
    ("text", "said"),
    [("model = 1", "agent.toml:1: model: "), ("=", "agent.toml:1: not TOML"), (None, "agent.toml:1: cannot be read")],
)
def test_an_invalid_agent_file_is_reported_with_its_error(
    target: DoctorTarget, tmp_path: Path, text: str | None, said: str
) -> None:
    file = tmp_path / "agent.toml"
    if text is not None:
        file.write_text(text)

    diagnosis = diagnose(target, "agent", "model", options=dataclasses.replace(OPTIONS, agent_file=file))

    assert any(finding.status is Status.FAILURE and said in finding.message for finding in diagnosis.findings)
    assert diagnosis.findings[-1].message == "skipped: needs the agent's file"


def test_the_agent_is_checked_as_make_check_does_it(target: DoctorTarget, tmp_path: Path) -> None:
    file = tmp_path / "agent.toml"
    file.write_text(
        'instructions = "x"\ngreeting = "x"\ngreeting_audio = "a.wav"\ngreeting_text = "x"\nvoice = "marinn"'
    )

    diagnosis = diagnose(target, "agent", options=dataclasses.replace(OPTIONS, agent_file=file))

    recording, voice = diagnosis.findings
    assert recording.message.startswith(f"{file}:3: greeting_audio: {tmp_path}/a.wav cannot be read")
    assert voice.message.startswith(f"{file}:5: voice: expected one of marin, ")


def test_a_users_tools_are_not_imported_before_the_agent_was_checked() -> None:
    program = "import doctor.shared_code, sys; doctor.shared_code.find_shared_code(); import doctor.check_list"
    command = [sys.executable, "-c", f"{program}; sys.exit('socket_server.call.tools' in sys.modules)"]

    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0
