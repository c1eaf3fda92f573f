"""Calls of the demo, from dialling to the verdict. CI places the longer one: `make demo`."""

import wave
from collections.abc import Mapping
from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console

from sandbox.aws.artifacts import Artifacts
from sandbox.aws.functions import SOURCE_RUNTIME, Function
from sandbox.demo.call import run_demo
from sandbox.demo.display import Display
from sandbox.demo.options import Options
from sandbox.demo.saved_files import show_verdict
from sandbox.speech.voices.lines import line


async def test_a_caller_whom_anna_declines_comes_back_and_is_told_so(tmp_path: Path) -> None:
    terminal = StringIO()
    display = Display(Console(file=terminal))
    result = await run_demo(Options("declines", "asks", "sandbox", ""), display, tmp_path)
    show_verdict(result, tmp_path, display)
    assert result.problems == ()
    assert terminal.getvalue().splitlines()[-2:] == [
        "The caller was served.",
        f"See what happened, step by step: {tmp_path / 'report.html'}",
    ]
    told = [each.partition(" s  ")[2] for each in terminal.getvalue().splitlines()]
    assert [each for each in told if each.startswith(("Caller", "Assistant", "Anna"))] == [
        f"Assistant: “{line('greeting').text}”",
        f"Caller: “{line('ask_person').text}”",
        f"Assistant: “{line('hand_over_asked').text}”",
        "Anna's phone rings.",
        "Anna can not take the call.",
        f"Assistant: “{line('busy').text}”",
        f"Caller: “{line('want_call_back').text}”",
        f"Assistant: “{line('call_back').text}”",
    ]
    [notice] = [each for each in told if each.startswith("A text message")]
    call_back = "Unless somebody else has talked with them since, they may expect you to call back."
    missed = f"Missed call for Anna at the front desk from +15550100001. {call_back}"
    assert notice.startswith(f"A text message tells Anna: “{missed} Why: The caller asked for a person. Summary: ")
    with wave.open(str(tmp_path / "caller-heard.wav")) as recording:
        assert recording.getframerate() == 8000
        assert recording.getnframes() / 8000 > 20
    assert not (tmp_path / "anna-heard.wav").exists()
    shown = (tmp_path / "report.html").read_text()
    assert line("busy").text in shown
    assert "The telephone of Anna at the front desk rings" in shown


async def test_a_voicemail_is_left_and_the_caller_is_told(tmp_path: Path) -> None:
    terminal = StringIO()
    result = await run_demo(Options("voicemail", "asks", "sandbox", ""), Display(Console(file=terminal)), tmp_path)
    assert result.problems == ()
    told = [each.partition(" s  ")[2] for each in terminal.getvalue().splitlines()]
    assert [each for each in told if each.startswith(("Caller", "Assistant", "Anna", "Voicemail"))][3:] == [
        "Anna's phone rings.",
        "Anna's voicemail picks up.",
        f"Voicemail: “{line('voicemail').text}”",
        "Anna has not taken the call.",
        f"Assistant: “{line('not_taken').text}”",
        f"Caller: “{line('want_call_back').text}”",
        f"Assistant: “{line('call_back').text}”",
    ]
    assert "A text message tells Anna: “Missed call" in terminal.getvalue()
    assert "whoever picked up Anna's phone did not" in terminal.getvalue()


WEBHOOK = """
def lambda_handler(event, context):
    twiml = "<Response><Dial record='record-from-answer'>+15550100002</Dial></Response>"
    return {"statusCode": 200, "headers": {"Content-Type": "text/xml"}, "body": twiml}
"""
TEMPLATE = """
Resources:
  TransferFunction: {Type: AWS::Serverless::Function, Properties: {CodeUri: code, Handler: app.lambda_handler}}
  VoiceWebhookFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code
      Handler: app.lambda_handler
      Events: {Incoming: {Type: HttpApi, Properties: {Method: POST, Path: /voice/incoming}}}
"""


class FromSource(Artifacts):
    """Run without Lambda's own runtime."""

    def read_function(
        self, name: str, settings: Mapping[str, str], besides: Mapping[str, str] | None = None
    ) -> Function:
        return replace(super().read_function(name, settings, besides), runtime=SOURCE_RUNTIME)


async def test_an_answer_that_is_not_simulated_is_named_with_the_table(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text(WEBHOOK)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    display = Display(Console(file=StringIO()))
    result = await run_demo(Options("answers", "asks", "sandbox", ""), display, tmp_path, FromSource(tmp_path))

    named = "A webhook's answer has what the sandbox does not simulate: Dial/@record."
    assert result.problems == (f"{named} sandbox/twilio/not_simulated.py has the table.",)
