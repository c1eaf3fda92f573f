"""What can go wrong with one webhook on its way: `Faults.webhooks` says which, and what.

Twilio promises neither that a webhook comes once nor when. It repeats one whose connection broke, with the same
I-Twilio-Idempotency-Token (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides); public reports
have the first webhook of a call twice at once. Believed: that this can befall any other, too.
"""

import asyncio
import uuid
from collections.abc import Mapping
from typing import Unpack
from urllib.parse import urlsplit

from sandbox.twilio import errors
from sandbox.twilio.commands import Delivery
from sandbox.twilio.errors import WebhookError
from sandbox.twilio.faults import Faults, WebhookFault
from sandbox.twilio.network import Network
from sandbox.twilio.webhooks import Answer, Note


async def request_webhook(
    network: Network, method: str, url: str, parameters: Mapping[str, str], note: Note, **delivery: Unpack[Delivery]
) -> Answer:
    """As `Webhooks.request`, with the fault that is due for this `url`."""
    fault = _take_fault(network.faults, url)
    if fault is None:
        return await network.webhooks.request(method, url, parameters, note, **delivery)
    if fault.delay_ms:
        await network.clock.sleep(fault.delay_ms)
    if fault.lost:
        raise WebhookError(errors.HTTP_NO_ANSWER, f"the request to {url} was lost")
    delivery["token"] = delivery.get("token") or str(uuid.uuid4())
    delivery["lose_first"] = fault.answer_lost or delivery.get("lose_first", False)
    sent = [
        asyncio.ensure_future(network.webhooks.request(method, url, parameters, note, **delivery))
        for _ in range(2 if fault.twice else 1)
    ]
    try:
        await asyncio.wait(sent)
    finally:
        for each in sent:
            each.cancel()
    return sent[0].result()


def _take_fault(faults: Faults, url: str) -> WebhookFault | None:
    path = urlsplit(url).path
    due = next((fault for fault in faults.webhooks if fault.path in ("", path)), None)
    if due is not None:
        faults.webhooks.remove(due)
    return due
