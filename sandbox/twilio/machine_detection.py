"""Answering machine detection: who picked up, person or machine, and when Twilio says so.

https://www.twilio.com/docs/voice/answering-machine-detection: of a call by REST Twilio asks its Url only after the
verdict, unless AsyncAmd; a leg of `<Dial>` is bridged meanwhile, and the verdict is posted. Simpler than Twilio: what
picked up is known (`Phone.detected`) and not guessed by its sound, and the verdict takes four seconds, Twilio's average
(.../answering-machine-detection-faq-best-practices), or as long as silence is waited out where it is `unknown`; the
lengths of speech change nothing. Believed: AnsweredBy is in each request after the verdict.
"""

from sandbox.twilio.calls import Call
from sandbox.twilio.parameters import make_detection_parameters

VERDICT_MS = 4000
SILENCE_MS = 5000  # MachineDetectionSilenceTimeout, if the request has none


async def detect(call: Call, silence_ms: int = SILENCE_MS) -> int:
    """Know who picked up; the caller of this waits for it. How long it took, in ms."""
    detected = call.phone.detected
    took_ms = silence_ms if detected == "unknown" else VERDICT_MS
    await call.network.clock.sleep(took_ms)
    call.outcome.answered_by = "machine_start" if detected == "machine" else detected
    return took_ms


async def detect_and_tell(call: Call, url: str | None, method: str, silence_ms: int = SILENCE_MS) -> None:
    """The same beside what runs, and then post it to `url`, if there is one."""
    took_ms = await detect(call, silence_ms)
    if url is not None:
        call.post(method, url, make_detection_parameters(call.take_snapshot(), took_ms))
