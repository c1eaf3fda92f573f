"""Answering machine detection: who picked up, person or machine, and when Twilio says so.

https://www.twilio.com/docs/voice/answering-machine-detection: of a call by REST Twilio asks its Url only after the
verdict, unless AsyncAmd; a leg of `<Dial>` is bridged meanwhile, and the verdict is posted. Simpler than Twilio: what
picked up is known (`Phone.machine`) and not guessed by its sound, and the verdict takes four seconds, Twilio's average
(.../answering-machine-detection-faq-best-practices). Believed: AnsweredBy is in each request after the verdict.
"""

from sandbox.twilio.calls import Call
from sandbox.twilio.parameters import make_detection_parameters

VERDICT_MS = 4000


async def detect(call: Call) -> None:
    """Know who picked up; the caller of this waits for it."""
    await call.network.clock.sleep(VERDICT_MS)
    call.outcome.answered_by = "machine_start" if call.phone.machine else "human"


async def detect_and_tell(call: Call, url: str | None, method: str) -> None:
    """The same beside what runs, and then post it to `url`, if there is one."""
    await detect(call)
    if url is not None:
        call.post(method, url, make_detection_parameters(call.take_snapshot(), VERDICT_MS))
