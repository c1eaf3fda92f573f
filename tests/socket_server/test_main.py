"""The program as it is started: what stops it, and what it then says."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.socket_server.test_settings import REQUIRED

ROOT = Path(__file__).parents[2]
REGION = {"AWS_REGION": "us-east-1"}
COMMAND = [sys.executable, "-m", "socket_server"]


def environment_of(settings: Mapping[str, str], home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "HOST": "127.0.0.1", "PORT": "0", **settings}


def start(settings: Mapping[str, str], home: Path) -> subprocess.CompletedProcess[str]:
    """Start a server that is to stop by itself."""
    environment = environment_of(settings, home)
    return subprocess.run(COMMAND, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_server_that_is_asked_to_end_while_it_starts_ends_with_status_0(tmp_path: Path) -> None:
    nobody = {"AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    environment = environment_of(REQUIRED | REGION | nobody, tmp_path)
    with subprocess.Popen(COMMAND, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        said = [next(line for line in server.stderr if "Waiting for application startup" in line)]
        server.send_signal(signal.SIGTERM)
        said += server.stderr
        assert server.wait(60) == 0, said
    assert "SIGTERM: draining, 0 calls" in "".join(said)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "STREAM_URL is missing"),
        (REQUIRED | REGION | {"OPENAI_API_KEY": "two\nlines"}, "OPENAI_API_KEY is wrong: expected printable ASCII"),
        (REQUIRED | REGION | {"AGENT_FILE": "/nowhere.toml"}, "AGENT_FILE is wrong: /nowhere.toml:1: cannot be read: "),
        (REQUIRED, "AWS_REGION is missing"),
        (REQUIRED | {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "AWS_REGION is missing"),
    ],
    ids=["nothing", "key", "agent", "no-region", "empty-region"],
)
def test_a_bad_setting_stops_the_start_with_one_line(settings: dict[str, str], line: str, tmp_path: Path) -> None:
    ended = start(settings, tmp_path)
    assert ended.returncode == 1
    [said] = ended.stderr.splitlines()
    assert said.startswith(f"socket_server: {line}")


def test_a_bad_agent_stops_the_start_with_the_name_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "agent.toml").write_text("instructions = 7")
    ended = start(REQUIRED | REGION | {"AGENT_FILE": str(tmp_path / "agent.toml")}, tmp_path)
    assert ended.returncode == 1
    assert str(tmp_path / "agent.toml") in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "agent.toml:3: greeting_audio: "),
        (b"ID3", "hello.wav: expected a WAV file, got one that begins with b'ID3'; make one with: ffmpeg"),
    ],
    ids=["missing", "of another kind"],
)
def test_a_bad_recording_stops_the_start_with_one_line(file: bytes | None, said: str, tmp_path: Path) -> None:
    agent = 'instructions = "x"\ngreeting = "x"\ngreeting_audio = "hello.wav"\ngreeting_text = "Hello."\n'
    (tmp_path / "agent.toml").write_text(agent)
    if file is not None:
        (tmp_path / "hello.wav").write_bytes(file)
    ended = start(REQUIRED | REGION | {"AGENT_FILE": str(tmp_path / "agent.toml")}, tmp_path)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert said in line
