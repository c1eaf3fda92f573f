"""The next step of a call as TwiML: a stream with its own token, or the person whom the transfer function rings."""

from collections.abc import Callable
from dataclasses import dataclass

from aws_lambda_powertools import Logger

import bridge
import call_flow
import routes
import stream_token
import twiml
from call_flow import HangUp, Join, NewStream, Person, Repeat, Step, TakeMessage, Wait
from transfer_client import Closed, Nobody, Ring, TransferClient
from webhook import Webhook

logger = Logger(service="voice_webhook", child=True)


@dataclass(frozen=True, slots=True)
class Documents:
    transfer: TransferClient
    now: Callable[[], float]
    """Seconds since 1970."""

    def of(self, webhook: Webhook, step: Step, ended: str) -> str:
        """The step as TwiML. `ended`: the stream, or the attempt, that is over."""
        match step:
            case HangUp(say_goodbye):
                return twiml.goodbye() if say_goodbye else twiml.hang_up()
            case NewStream(pause):
                return self.new_stream(webhook, pause=pause)
            case Person():
                return self.person(webhook, step, ended)
            case Join(request_id):
                return bridge.render_bridge(webhook.urls.base_url, webhook.call_sid, request_id, twiml.SOMEBODY_COMES)
            case TakeMessage():
                return self._take_message(webhook, ended)
            case Wait(waits):
                return twiml.wait(webhook.urls.webhook(routes.AFTER_STREAM, stream=ended, waits=str(waits)), waits)
            case Repeat(document):
                return document

    def new_stream(self, webhook: Webhook, *, again: bool = True, pause: bool = False) -> str:
        token = stream_token.issue_token(webhook.call_sid, webhook.token_secret, self.now(), again=again)
        return twiml.stream(webhook.urls, token, pause=pause)

    def person(self, webhook: Webhook, person: Person, ended: str) -> str:
        request_id = call_flow.name_attempt_after(ended)
        cause, whom, until = person.cause, person.destination, webhook.until
        again, dial = person.again, person.dial
        match self.transfer.next(webhook.call_sid, cause, whom, request_id, until, again=again, dial=dial):
            case Ring(document):
                return document
            case Closed("message") if person.destination or not person.otherwise:
                return self._take_message(webhook, ended if person.destination else request_id)
            case Closed() if person.destination and not person.otherwise:
                # Nobody is left where the directory led, but perhaps elsewhere.
                return self.person(webhook, Person("too_many_streams"), ended)
            case Nobody(document):
                farewell = document
            case _:
                farewell = twiml.apology()
        if person.otherwise:
            logger.info("Nobody can be rung: back to the model", extra={"cause": person.cause})
            return self.new_stream(webhook, pause=person.otherwise.pause)
        return farewell

    def _take_message(self, webhook: Webhook, request_id: str) -> str:
        return twiml.take_message(webhook.urls.webhook(routes.AFTER_DIAL, attempt=request_id, recorded="yes"))
