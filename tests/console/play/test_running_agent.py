"""console.play.running_agent: the next call runs with the files as they are when it begins."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from console.play.agent_files import DIRECTORY, AgentFiles
from console.play.running_agent import RunningAgent
from console.play.telephones import CallRefused
from sandbox.environment import run_environment
from sandbox.installation import Installation, InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer

AGENT = Path(__file__).parents[2] / "agent.toml"


@dataclass(frozen=True, slots=True)
class Setting:
    files: AgentFiles
    installation: Installation
    agent: RunningAgent

    async def list_destinations(self) -> list[str]:
        """The names that the transfer function tells."""
        return await asyncio.to_thread(self._list_destinations)

    def _list_destinations(self) -> list[str]:
        session = boto3.session.Session()
        with contextlib.closing(session.client("lambda", **self.installation.cloud.client_settings)) as client:
            answer: Any = client.invoke(FunctionName="transfer", Payload=json.dumps({"action": "destinations"}))
            return [each["name"] for each in json.load(answer["Payload"])["destinations"]]


@pytest.fixture
async def setting(tmp_path: Path) -> AsyncIterator[Setting]:
    files = AgentFiles(tmp_path / "agent.toml", tmp_path / "directory.toml")
    files.agent.write_text(AGENT.read_text())
    files.directory.write_text(DIRECTORY.read_text())
    times = files.read_times()
    async with ModelServer(Scripted()) as model:
        options = InstallationOptions(
            realtime_url=model.url,
            settings={"AGENT_FILE": str(files.agent)},
            directory=files.directory.read_text(),
        )
        async with run_environment(options) as environment:
            yield Setting(files, environment.installation, RunningAgent(files, environment.installation, times))


async def test_without_a_change_everything_stays(setting: Setting) -> None:
    container = setting.installation.container

    assert await setting.agent.refresh() is None
    assert setting.installation.container is container


async def test_a_change_of_the_directory_starts_what_knows_it(setting: Setting) -> None:
    container = setting.installation.container
    changed = setting.files.directory.read_text().replace('name = "front_desk"', 'name = "reception"')
    setting.files.directory.write_text(changed.replace('destination = "front_desk"', 'destination = "reception"'))

    assert await setting.agent.refresh() == setting.files.directory.read_text()
    assert container.status is not None
    assert setting.installation.container.status is None
    assert await setting.list_destinations() == ["reception", "workshop"]
    assert await setting.agent.refresh() is None


async def test_files_with_faults_refuse_the_call_until_they_are_mended(setting: Setting) -> None:
    container, agent = setting.installation.container, setting.files.agent.read_text()
    setting.files.agent.write_text("voice = 1")
    for _ in range(2):
        with pytest.raises(CallRefused, match=r"agent\.toml"):
            await setting.agent.refresh()
    assert setting.installation.container is container

    setting.files.agent.write_text(agent)
    assert await setting.agent.refresh() is not None


async def test_a_container_that_died_is_replaced(setting: Setting) -> None:
    setting.installation.container.kill()
    await setting.installation.container.wait_for_end()

    assert await setting.agent.refresh() is not None
    assert setting.installation.container.status is None
