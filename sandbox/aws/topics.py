"""SNS of the sandbox's cloud: publishes to topics, lists who has subscribed. A test may change the state.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html and API_ListSubscriptionsByTopic.html, in the shapes and
with the limits that are documented there; the words of the errors are believed. Nothing is delivered: a topic keeps
what was published. Simpler than SNS: no message structures, no FIFO, no filters, one page of subscriptions.
"""

import re
from dataclasses import dataclass, field
from typing import Literal
from xml.sax.saxutils import escape

from starlette.responses import Response

from sandbox.aws.faults import Fails, Fault, Throttles, wait_out
from sandbox.aws.query_protocol import answer_in_xml, refuse_in_xml

VERSION = "2010-03-31"
"""Of SNS's API, which every request names."""
_MESSAGE_BYTES = 256 * 1024
_SUBJECT = re.compile(r"[!-~][ -~]{0,99}")
_ATTRIBUTE = re.compile(r"MessageAttributes\.entry\.(\d+)\.(Name|Value\.DataType|Value\.StringValue)")
_PUBLISH = {"Action", "Version", "TopicArn", "Message", "Subject"}


@dataclass(frozen=True, slots=True)
class Publication:
    subject: str
    message: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Subscription:
    protocol: Literal["email", "https", "sqs", "lambda"]
    endpoint: str
    confirmed: bool = True
    """Whoever gets an email or an HTTPS request first has to confirm."""


@dataclass(slots=True)
class Topic:
    subscriptions: list[Subscription] = field(default_factory=list)
    published: list[Publication] = field(default_factory=list)


class Topics:
    """Of one account, by ARN. `fault` may be set from anywhere."""

    def __init__(self) -> None:
        self.topics: dict[str, Topic] = {}
        self.fault: Fault | None = None
        self.denied: set[str] = set()
        """Operations that nobody may do."""

    async def answer(self, form: dict[str, str]) -> Response:
        """The answer of the service to one request."""
        match self.fault:
            case Fails(reason):
                return refuse_in_xml(500, "InternalError", reason)
            case Throttles():
                return refuse_in_xml(400, "Throttling", "Rate exceeded")
            case fault:
                await wait_out(fault)
        action = form.get("Action", "")
        arn = form.get("TopicArn", "")
        if action in self.denied:
            denied = f"User is not authorized to perform: SNS:{action} on resource: {arn}"
            return refuse_in_xml(403, "AuthorizationError", denied)
        if not re.fullmatch(r"arn:aws:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}", arn):
            return _refuse("Invalid parameter: TopicArn")
        if arn not in self.topics:
            return refuse_in_xml(404, "NotFound", "Topic does not exist")
        match action:
            case "Publish":
                return _publish(self.topics[arn], form)
            case "ListSubscriptionsByTopic":
                members = "".join(_describe(each, arn) for each in self.topics[arn].subscriptions)
                return answer_in_xml(action, f"<Subscriptions>{members}</Subscriptions>")
            case _:
                return refuse_in_xml(400, "InvalidAction", f"The sandbox's cloud does not know SNS' {action!r}")


def _publish(topic: Topic, form: dict[str, str]) -> Response:
    message, subject = form.get("Message", ""), form.get("Subject")
    read = {(key[1], key[2]): value for name, value in form.items() if (key := _ATTRIBUTE.fullmatch(name))}
    names = {number: name for (number, part), name in read.items() if part == "Name"}
    attributes = {name: read.get((number, "Value.StringValue"), "") for number, name in names.items()}
    if unknown := [name for name in form if name not in _PUBLISH and not _ATTRIBUTE.fullmatch(name)]:
        return _refuse(f"The sandbox's cloud does not simulate {unknown[0]}")
    if not message:
        return _refuse("Invalid parameter: Empty message")
    if len(message.encode()) > _MESSAGE_BYTES:
        return _refuse("Invalid parameter: Message too long")
    if subject is not None and not _SUBJECT.fullmatch(subject):
        return _refuse("Invalid parameter: Subject")
    for number, name in names.items():
        if read.get((number, "Value.DataType")) != "String" or not attributes[name]:
            text = f"The message attribute '{name}' must contain non-empty message attribute value for its type"
            return refuse_in_xml(400, "ParameterValueInvalid", text)
    topic.published.append(Publication(subject or "", message, attributes))
    return answer_in_xml("Publish", f"<MessageId>{len(topic.published):08}-0000-0000-0000-000000000000</MessageId>")


def _refuse(message: str) -> Response:
    return refuse_in_xml(400, "InvalidParameter", message)


def _describe(subscription: Subscription, topic_arn: str) -> str:
    arn = f"{topic_arn}:{'0' * 8}-0000-0000-0000-{'0' * 12}" if subscription.confirmed else "PendingConfirmation"
    return (
        f"<member><SubscriptionArn>{arn}</SubscriptionArn><TopicArn>{topic_arn}</TopicArn>"
        f"<Protocol>{subscription.protocol}</Protocol><Endpoint>{escape(subscription.endpoint)}</Endpoint>"
        f"<Owner>{topic_arn.split(':')[4]}</Owner></member>"
    )
