"""console.play.agent_files: what changed, and what `make check` says of it."""

from pathlib import Path

import pytest

from console.play.agent_files import AGENT, DIRECTORY, AgentFiles


@pytest.fixture
def files(tmp_path: Path) -> AgentFiles:
    """Copies that a test may change."""
    copies = tmp_path / "agent.toml", tmp_path / "directory.toml"
    for original, copy in zip((AGENT, DIRECTORY), copies, strict=True):
        copy.write_text(original.read_text())
    return AgentFiles(*copies)


async def test_the_shipped_files_have_no_fault(files: AgentFiles) -> None:
    assert await files.check() == ""


async def test_each_fault_of_both_files_is_told(files: AgentFiles) -> None:
    files.agent.write_text("model = 1")
    files.directory.write_text("<script>")

    faults = (await files.check()).splitlines()

    assert any("agent.toml" in each for each in faults)
    assert any("directory.toml" in each for each in faults)
    assert not any("Traceback" in each for each in faults)


async def test_a_file_that_is_gone_is_told(files: AgentFiles) -> None:
    files.agent.unlink()

    assert "agent.toml" in await files.check()


def test_a_change_is_noticed(files: AgentFiles) -> None:
    before = files.read_times()
    assert files.read_times() == before

    files.directory.write_text(files.directory.read_text() + "\n")

    assert files.read_times() != before


def test_the_tools_of_the_agent_are_watched() -> None:
    assert {"tools.py", "agent.toml", "directory.toml", "voice_webhook.py"} <= {
        path.name for path in AgentFiles().read_times()
    }
