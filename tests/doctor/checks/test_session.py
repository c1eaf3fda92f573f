"""doctor.checks.session: whether OpenAI accepts what the container will ask for."""

import dataclasses
from pathlib import Path

import pytest

from sandbox.doctor_target.target import DoctorTarget
from sandbox.openai.faults import Faults
from tests.doctor.runs import OPTIONS, diagnose

GOOD = 'instructions = "Help."\ngreeting = "Greet."\n'


def test_a_session_that_openai_accepts_is_named_with_its_tools_and_costs_no_response(target: DoctorTarget) -> None:
    before = len(target.model.sessions)

    [finding] = diagnose(target, "secrets", "agent", "session").findings[-1:]

    assert finding.status.value == "✓"
    assert finding.message.endswith("with the tools transfer_to_human, end_call")
    [session] = target.model.sessions[before:]
    assert [event["type"] for event in session.received] == ["session.update"]


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ('voice = "marinn"\n', "OpenAI refuses the session: invalid_value (session.audio.output.voice): "),
        ('model = "gpt-realtme"\n', "OpenAI refuses the session: model_not_found"),
    ],
)
def test_a_session_that_openai_refuses_is_a_failure_with_its_words(
    target: DoctorTarget, tmp_path: Path, extra: str, said: str
) -> None:
    file = tmp_path / "agent.toml"
    file.write_text("unlisted_names = true\n" + extra + GOOD)

    found = diagnose(target, "secrets", "agent", "session", options=dataclasses.replace(OPTIONS, agent_file=file))

    assert found.findings[-1].message.startswith(said)
    assert found.findings[-1].status.value == "✗"


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (Faults(handshake_status=401), "OpenAI opens no session: HTTP 401"),
        (Faults(handshake_status=503), "OpenAI opens no session: HTTP 503"),
    ],
)
def test_a_service_that_opens_no_session_is_a_failure(target: DoctorTarget, faults: Faults, said: str) -> None:
    target.model.faults = faults

    assert diagnose(target, "secrets", "agent", "session").findings[-1].message == said
