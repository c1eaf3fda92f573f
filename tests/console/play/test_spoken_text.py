"""console.play.spoken_text: typed sentences are spoken by what is installed."""

import shutil
import stat
from pathlib import Path

import pytest

from console.play.spoken_text import NO_VOICE, find_speak, make_render
from console.play.telephone import CommandError
from sandbox.speech import mulaw
from sandbox.speech.voices.render import RenderError

PROGRAMS = [name for name in ("flite", "espeak-ng") if shutil.which(name)]


def make_path(folder: Path, *programs: str) -> str:
    """A PATH with these programs of the machine and no other."""
    for name in programs:
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return str(folder)


@pytest.mark.parametrize("program", PROGRAMS or [pytest.param("", marks=pytest.mark.skip("no synthesiser here"))])
def test_a_text_becomes_a_voice_of_a_telephone(tmp_path: Path, program: str) -> None:
    speak = find_speak(make_path(tmp_path, program))
    assert speak is not None

    sound = speak("caller", "Good morning, are you open today?")

    assert 800 < mulaw.duration_ms(sound) < 6000
    assert mulaw.energy(sound) > 0.02
    assert speak("person", "Good morning, are you open today?") != sound


@pytest.mark.parametrize("program", PROGRAMS or [pytest.param("", marks=pytest.mark.skip("no synthesiser here"))])
@pytest.mark.parametrize("text", ["-v", "<script>", "naïve · 你好 1"])
def test_a_text_is_no_option_and_no_markup(tmp_path: Path, program: str, text: str) -> None:
    speak = find_speak(make_path(tmp_path, program))
    assert speak is not None

    assert mulaw.energy(speak("caller", text)) > 0.01


def test_without_a_synthesiser_there_is_no_voice(tmp_path: Path) -> None:
    assert find_speak(str(tmp_path)) is None


async def test_a_typed_sentence_without_a_voice_says_what_to_install() -> None:
    with pytest.raises(CommandError, match="install flite"):
        await make_render(None)("caller", "Hello")

    assert "flite" in NO_VOICE


async def test_a_text_that_cannot_be_spoken_says_why() -> None:
    def fail(_who: str, text: str) -> bytes:
        raise RenderError(f"flite makes no sound of {text!r}.")

    with pytest.raises(CommandError, match=r"no sound of '\.\.\.'"):
        await make_render(fail)("caller", "...")


def test_a_program_that_answers_nonsense_is_told(tmp_path: Path) -> None:
    program = tmp_path / "espeak-ng"
    program.write_text("#!/bin/sh\necho no sound\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    speak = find_speak(str(tmp_path))
    assert speak is not None

    with pytest.raises(RenderError, match="could not say 'Hello'"):
        speak("caller", "Hello")
