"""One call of the demo, from dialling to the verdict. CI places the longer one: `make demo`."""

import wave
from io import StringIO
from pathlib import Path

from rich.console import Console

from sandbox.demo.call import demonstrate
from sandbox.demo.display import Display
from sandbox.demo.options import Options


async def test_a_caller_whom_anna_declines_comes_back_and_is_told_so(tmp_path: Path) -> None:
    terminal = StringIO()
    result = await demonstrate(Options("declines", "asks", "sandbox", ""), Display(Console(file=terminal)), tmp_path)
    assert result.problems == ()
    told = [line.partition(" s  ")[2] for line in terminal.getvalue().splitlines()]
    assert [line for line in told if line.startswith(("Caller", "Assistant", "Anna"))] == [
        "Assistant: “Hello, this is Spoke and Wheel, the bicycle workshop. How can I help you?”",
        "Caller: “I do not want to talk to a machine. Please let me talk to a real person.”",
        "Assistant: “Of course. I am putting you through to Anna at the front desk, please stay on the line.”",
        "Anna's phone rings.",
        "Anna can not take the call.",
        "Assistant: “I am sorry, Anna is talking to somebody else right now. Shall I ask her to call you back?”",
        "Caller: “Yes, please tell her to call me back.”",
        "Assistant: “Good. Anna will call you back today. Thank you for calling, and goodbye.”",
    ]
    with wave.open(str(tmp_path / "caller-heard.wav")) as recording:
        assert recording.getframerate() == 8000
        assert recording.getnframes() / 8000 > 20
    assert not (tmp_path / "anna-heard.wav").exists()
