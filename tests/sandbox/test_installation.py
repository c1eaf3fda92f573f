"""The installation says what keeps it from starting."""

import pytest

from sandbox.installation import Installation, InstallationOptions
from sandbox.program import ProgramError


async def test_a_container_that_does_not_start_says_why() -> None:
    installation = Installation(
        InstallationOptions(realtime_url="ws://127.0.0.1:9/v1/realtime", settings={"CALLS_TABLE": ""})
    )
    with pytest.raises(ProgramError) as caught:
        async with installation.run(twilio_api_url="http://127.0.0.1:9"):
            raise AssertionError("it started")
    assert "socket_server ended at its start" in str(caught.value)
    assert "CALLS_TABLE is missing" in str(caught.value)
