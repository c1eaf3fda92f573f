"""Speaks a text on the telephone, with a synthesiser that is installed on this machine, if there is one.

flite has the voices of the demo's recorded lines; espeak-ng is understood less well. Neither is needed: the page says
so where there is none, and `<Say>` is then the sandbox's hum.
"""

import asyncio
import functools
import io
import shutil
import struct
import subprocess
import wave
from collections.abc import Callable

from console.play.telephone import CommandError
from console.play.telephones import Render
from sandbox.speech import mulaw
from sandbox.speech.voices.lines import Line
from sandbox.speech.voices.render import RenderError, find_flite, load_speakers, render_line
from sandbox.twilio.audio_sources import render_mock_speech

Speak = Callable[[str, str], bytes]
"""A speaker ("caller", "person" or "model") and a text, to mu-law. Blocks; raises RenderError."""

NO_VOICE = (
    "No speech program was found on this machine: install flite (Debian: apt-get install flite), then start again."
)
_ESPEAK = {"caller": "en-us+m3", "person": "en-us+f3", "model": "en-us+m1"}


def find_speak(search_path: str | None = None) -> Speak | None:
    """How texts are spoken on this machine; None: not at all. `search_path` stands in for PATH."""
    try:
        speakers = load_speakers()
        flite = find_flite({each.voice for each in speakers.values()}, search_path)
    except RenderError:
        espeak = shutil.which("espeak-ng", path=search_path) or shutil.which("espeak", path=search_path)
        return functools.cache(functools.partial(_speak_with_espeak, espeak)) if espeak else None
    return functools.cache(lambda who, text: render_line(flite, speakers[who], Line("", who, text)))


def make_render(speak: Speak | None) -> Render:
    """For `Telephones`."""

    async def render(who: str, text: str) -> bytes:
        if speak is None:
            raise CommandError(NO_VOICE)
        try:
            return await asyncio.to_thread(speak, who, text)
        except RenderError as error:
            raise CommandError(str(error)) from None

    return render


def make_say(speak: Speak | None) -> Callable[[str], bytes]:
    """For the carrier: what `<Say>` sounds like."""
    return render_mock_speech if speak is None else lambda text: speak("model", text)


def _speak_with_espeak(espeak: str, who: str, text: str) -> bytes:
    command = [espeak, "-v", _ESPEAK[who], "--stdout", "--stdin"]
    run = subprocess.run(command, input=text.encode(), capture_output=True, check=False)  # noqa: S603 - found on PATH; the text goes in as its input
    try:
        with wave.open(io.BytesIO(run.stdout)) as file:
            rate, pcm = file.getframerate(), file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        raise RenderError(f"{espeak} could not say {text!r} (exit status {run.returncode}).") from None
    samples = struct.unpack(f"<{len(pcm) // 2}h", pcm[: len(pcm) // 2 * 2])
    # Each sample is the mean of those that it stands for: a plain low-pass, enough for a robot.
    step = rate / mulaw.SAMPLE_RATE_HZ
    count = int(len(samples) / step)
    pieces = (samples[int(at * step) : max(int(at * step) + 1, int((at + 1) * step))] for at in range(count))
    return mulaw.from_pcm16(struct.pack(f"<{count}h", *(sum(each) // len(each) for each in pieces)))
