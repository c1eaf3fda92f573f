"""The legs of people who are rung: they hear who calls and take the call by a key; Twilio reports what becomes of a
leg.

`<Number url>`: https://www.twilio.com/docs/voice/twiml/number#attributes-url. For Twilio the leg
is a call of its own. The query of every URL says to which caller it belongs, because Twilio promises no `ParentCallSid`
there.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

import leg_rows
import routes
import twiml
from attended_webhooks import AttendedWebhooks
from call_legs import LegEvent
from call_record import Attempt, CallTable
from dial_outcome import ENDED
from leg_webhook import LegWebhook, explain_too_late

# CallStatus of a callback about a leg that has not ended: https://www.twilio.com/docs/voice/twiml/number.
EVENTS: Mapping[str, LegEvent] = {
    "queued": "initiated",
    "initiated": "initiated",
    "ringing": "ringing",
    "in-progress": "answered",
    "answered": "answered",
}

logger = Logger(service="voice_webhook", child=True)


@dataclass(frozen=True, slots=True)
class LegWebhooks:
    table: CallTable
    attended: AttendedWebhooks
    clock: Callable[[], float] = time.monotonic

    def whisper(self, webhook: LegWebhook) -> str:
        """The words for the person who picked up. The caller hears ringing meanwhile."""
        if webhook.beside_talk:
            return self.attended.brief(webhook)
        attempt = leg_rows.read_attempt(self.table, webhook)
        if attempt and (told := explain_too_late(attempt, webhook)):
            return told
        # If the answer to a key were lost, the leg would end. So Twilio repeats the request after any failure.
        url = webhook.make_url(routes.AGENT_ANSWER) + routes.ASK_AGAIN
        return twiml.whisper(attempt.whisper if attempt and attempt.whisper else twiml.WHISPER, url)

    def answer(self, webhook: LegWebhook) -> str:
        """A key was pressed: the one that takes the call, or another."""
        if webhook.beside_talk:
            return self.attended.answer(webhook)
        key = webhook.form.get("Digits", "")
        if key != twiml.TAKE:
            logger.info("Whoever picked up declined", extra={"leg": webhook.leg_sid})
            leg_rows.write_key(self.table, webhook, key[:1])
            return twiml.hang_up()
        attempt = self._accept(webhook)
        if attempt is None:
            # A person and a caller want to talk: a failed table must not prevent that.
            logger.error("Who took the call could not be recorded; they are connected all the same")
            return twiml.connect()
        told = explain_too_late(attempt, webhook)
        logger.info("The key was pressed", extra={"leg": webhook.leg_sid, "too_late": told is not None})
        return told or twiml.connect()

    def status(self, webhook: LegWebhook) -> bool:
        """Write what Twilio reports about the leg. False: it could not be written, and Twilio must report it again."""
        form, status = webhook.form, webhook.form.get("CallStatus", "")
        event = "completed" if status in ENDED else EVENTS.get(status)
        if event is None:
            logger.warning("A leg has a status that is not known here", extra={"leg": webhook.leg_sid})
            return True
        logger.info("Leg", extra={"leg": webhook.leg_sid, "status": status, "sip": form.get("SipResponseCode", "")[:3]})
        try:
            self.table.legs.record_event(
                webhook.call_sid,
                webhook.request_id,
                webhook.leg_sid,
                event,
                target=webhook.dial if webhook.beside_talk else None,
                status=status,
                sip_code=form.get("SipResponseCode", "")[:3],
            )
        except (BotoCoreError, ClientError):
            logger.exception("What became of a leg could not be recorded", extra={"leg": webhook.leg_sid})
            return False
        return not webhook.beside_talk or self.attended.changed(webhook, over=event == "completed")

    def _accept(self, webhook: LegWebhook) -> Attempt | None:
        of = webhook.call_sid, webhook.request_id, webhook.leg_sid, webhook.dial
        return leg_rows.accept(webhook, self.clock, lambda: self.table.legs.accept(*of))
