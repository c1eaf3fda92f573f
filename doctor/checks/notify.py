"""Whether people can be told of missed calls and messages: who subscribes to the topic, which number sends the SMS.

https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html. What `people` reads is read: the local
file of the directory. Nothing is sent.
"""

from collections import Counter
from collections.abc import Iterator

import directory
from directory import Directory
from doctor.checks.people import mask
from doctor.context import Context
from doctor.facts import Account, Numbers, Stack
from doctor.findings import Finding, fail, ok, warn
from toml_file import TomlFileError

_PENDING = "PendingConfirmation"
_SUBSCRIBE = "set the parameter NotifyEmail, or subscribe others (docs/deploy.md, People who are told)"


def check_notify(context: Context) -> Iterator[Finding]:
    try:
        found = directory.load(context.options.directory_file)
    except TomlFileError:
        return  # `people` reports it
    kinds = {recipient.kind for each in found.destinations for recipient in each.notify}
    if not kinds:
        yield ok("nobody in the directory wants to be told of missed calls and messages")
    if lost := [each.name for each in found.destinations if each.nobody == "message" and not each.notify]:
        remedy = "notify in the directory; then deploy again"
        yield warn(f"nobody learns of a message that a caller leaves for {', '.join(lost)}", remedy)
    if "sns" in kinds:
        yield from _check_topic(context)
    if "sms" in kinds:
        yield from _check_sms(found, context)


def _check_topic(context: Context) -> Iterator[Finding]:
    topic = context.facts.get(Stack).outputs.get("NotifyTopic")
    if not topic:
        yield fail(
            "the stack has no topic for missed calls and messages", "deploy again: it is older than the directory"
        )
        return
    pages = context.aws.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    listed = [each for page in pages for each in page["Subscriptions"]]
    pending = [each for each in listed if each["SubscriptionArn"] == _PENDING]
    for each in pending:
        remedy = "open the confirmation that AWS has sent there; after three days, subscribe again"
        yield warn(f"{each['Protocol']} {_mask_endpoint(each['Endpoint'])} has not confirmed its subscription", remedy)
    confirmed = Counter(each["Protocol"] for each in listed if each not in pending)
    if confirmed:
        counts = ", ".join(f"{count} by {protocol}" for protocol, count in confirmed.items())
        yield ok(f"missed calls and messages reach {counts}")
    else:
        promise = "the model tells callers that people get a message"
        yield fail(f"missed calls and messages reach nobody: no subscription is confirmed, and {promise}", _SUBSCRIBE)


def _check_sms(found: Directory, context: Context) -> Iterator[Finding]:
    account = context.facts.get(Account)
    own = {each.phone_number: each for each in context.facts.get(Numbers).own}
    sender = found.sms_from
    if sender not in own:
        yield fail(f"{mask(sender)} is no number of the account, so it sends no SMS", "sms_from in the directory")
    elif not own[sender].can_send_sms:
        yield fail(f"{mask(sender)} cannot send SMS", "another number of the account in sms_from, or buy one that can")
    else:
        us = ". In the US it must be registered (A2P 10DLC, or toll-free verification)" if sender[:2] == "+1" else ""
        yield ok(f"{mask(sender)} can send SMS{us}")
    numbers = {to.address: each.name for each in found.destinations for to in each.notify if to.kind == "sms"}
    verified = account.twilio.list_verified_numbers() if account.trial else frozenset(numbers)
    for number, name in numbers.items():
        who = f"{name}, an SMS to {mask(number)}"
        if number.startswith("+1555"):  # no area has this code
            yield fail(f"{who}: an example number that nobody has", "put your own people in, then deploy again")
        elif number not in verified:
            yield fail(f"{who}: a trial account sends none to a number that is not verified", "verify it, or upgrade")


def _mask_endpoint(endpoint: str) -> str:
    """Only enough to recognize it: it may be an address, or a URL with a secret."""
    return f"{endpoint[:3]}…{endpoint.rpartition('@')[2] if '@' in endpoint else ''}"
