"""`make voices` without flite, with one that lacks a voice, and with one that hums instead of speaking."""

import sys
from pathlib import Path

import pytest

from sandbox.speech.mulaw import energy, mix
from sandbox.speech.voices.lines import line
from sandbox.speech.voices.render import RenderError, Speaker, find_flite, render_line

SPEAKER = Speaker(voice="rms", pace=1.0, brightness=0.0, level_db=-20)

# Writes half a second of two tones, 1 and 6 kHz, between silences. A telephone passes on only the first.
HUMS = """
import math, struct, sys, wave
if "-lv" in sys.argv:
    print("Voices available: kal rms")
    sys.exit()
samples = [0] * 8000
tones = 0.125 * math.pi, 0.75 * math.pi
samples[4000:4000] = [int(sum(8000 * math.sin(tone * n) for tone in tones)) for n in range(8000)]
with wave.open(sys.argv[sys.argv.index("-o") + 1], "wb") as file:
    file.setnchannels(1), file.setsampwidth(2), file.setframerate({rate})
    file.writeframes(struct.pack("<16000h", *samples))
"""


def install(folder: Path, program: str) -> str:
    path = folder / "flite"
    path.write_text(f"#!{sys.executable}\n{program}")
    path.chmod(0o755)
    return str(path)


def test_without_flite_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"needs flite \(Debian: apt-get install flite\)"):
        find_flite({"rms"}, str(tmp_path))


def test_a_voice_that_flite_lacks_is_named(tmp_path: Path) -> None:
    flite = install(tmp_path, HUMS.replace("{rate}", "16000"))
    assert find_flite({"rms"}, str(tmp_path)) == flite
    with pytest.raises(RenderError, match="has no voice slt; it says: 'Voices available: kal rms'"):
        find_flite({"rms", "slt"}, str(tmp_path))


def test_a_line_is_what_a_telephone_passes_on_at_the_level_of_its_speaker(tmp_path: Path) -> None:
    rendered = render_line(install(tmp_path, HUMS.replace("{rate}", "16000")), SPEAKER, line("anna"))
    assert len(rendered) == pytest.approx(4000, abs=80)
    assert energy(rendered) == pytest.approx(0.1, rel=0.05)
    middle = rendered[1600:2400]
    assert energy(mix(middle[:-4], middle[4:])) < 0.005  # half a period later, a tone of 1 kHz is its own opposite


def test_a_voice_of_another_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"expected one channel of 16-bit samples at 16 kHz, got \(1, 2, 8000\)"):
        render_line(install(tmp_path, HUMS.replace("{rate}", "8000")), SPEAKER, line("anna"))


def test_a_flite_that_fails_is_quoted(tmp_path: Path) -> None:
    flite = install(tmp_path, "import sys; sys.exit('no such voice')")
    with pytest.raises(RenderError, match=r"could not say 'Hello, this is Anna .*\(exit status 1\): no such voice"):
        render_line(flite, SPEAKER, line("anna"))
