"""A call whose document dials a person: the document, the whole of such a call, and what its action learnt."""

from sandbox.twilio import Carrier
from sandbox.twilio.call_report import CallReport
from sandbox.twilio.phones import Script
from tests.sandbox.twilio.application import PERSON, Application
from tests.sandbox.twilio.scripts import dial_in, stays

OTHER = "+15550100003"
NOUN = f"<Number>{PERSON}</Number>"


def dial_document(nouns: str = NOUN, attributes: str = "") -> str:
    return f'<Response><Dial action="/after" timeout="10" {attributes}>{nouns}</Dial></Response>'


async def run(carrier: Carrier, caller: Script = stays) -> CallReport:
    return await (await dial_in(carrier, caller)).wait_for_end()


def read_outcome(application: Application) -> tuple[str, str | None]:
    (form,) = application.list_forms("/after")
    return form["DialCallStatus"], form.get("DialBridged")
