"""console/play/static: the browser's mu-law is the sandbox's, and a change of rate keeps a voice and adds nothing."""

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page

import console.play.pages
from console.web.app_state import Extension
from sandbox.speech import mulaw
from tests.browser.visits import Visits
from tests.console.example_pages import serve_example

STATIC = Path(console.play.pages.__file__).with_name("static")
ENCODE = "async samples => { const {encode} = await import('/static/mulaw.js'); return samples.map(encode); }"
DECODE = "async bytes => { const {decode} = await import('/static/mulaw.js'); return bytes.map(decode); }"
# A tone, in pieces of a worklet's length, and the root mean square of what comes out in its middle half.
RESAMPLE = """async ([from, to, hz]) => {
  const {Resampler} = await import('/static/resampler.js');
  const resampler = new Resampler(from, to);
  const samples = [];
  for (let start = 0; start < from; start += 128) {
    const piece = Float32Array.from({length: 128}, (_, at) => Math.sin(2 * Math.PI * hz * (start + at) / from));
    samples.push(...resampler.push(piece));
  }
  const middle = samples.slice(samples.length / 4, 3 * samples.length / 4);
  return [samples.length, Math.sqrt(middle.reduce((sum, each) => sum + each * each, 0) / middle.length)];
}"""


@asynccontextmanager
async def open_page(visits: Visits) -> AsyncIterator[Page]:
    async with serve_example(extension=Extension(static=STATIC)) as address:
        yield await visits.open(address)
        await visits.leave()


async def test_every_sample_is_encoded_as_the_sandbox_does(visits: Visits) -> None:
    pcm = [*range(-32768, 32768, 7), 32767]
    async with open_page(visits) as page:
        # 14 bits, as G.711 counts: between two of them, either side may round as it likes.
        encoded = await page.evaluate(ENCODE, [(sample >> 2) / 8192 for sample in pcm])

    assert bytes(encoded) == mulaw.from_pcm16(struct.pack(f"<{len(pcm)}h", *pcm))


async def test_every_byte_is_decoded_as_the_sandbox_does(visits: Visits) -> None:
    everything = bytes(range(256))
    async with open_page(visits) as page:
        decoded = await page.evaluate(DECODE, list(everything))

    expected = struct.unpack("<256h", mulaw.to_pcm16(everything))
    assert [round(sample * 32768) for sample in decoded] == list(expected)


@pytest.mark.parametrize(("rate", "to"), [(48_000, 8000), (44_100, 8000), (8000, 48_000), (8000, 44_100)])
async def test_a_voice_passes_a_change_of_rate_as_loud_as_it_was(visits: Visits, rate: int, to: int) -> None:
    async with open_page(visits) as page:
        count, level = await page.evaluate(RESAMPLE, [rate, to, 1000])

    assert abs(count - to) < to / 50  # a second of it; the filter keeps some milliseconds back
    assert level == pytest.approx(0.707, abs=0.02)


@pytest.mark.parametrize("rate", [48_000, 44_100])
async def test_what_a_telephone_cannot_carry_is_filtered_out(visits: Visits, rate: int) -> None:
    async with open_page(visits) as page:
        _, level = await page.evaluate(RESAMPLE, [rate, 8000, 5000])  # it would be folded down to 3000 Hz

    assert level < 0.02
