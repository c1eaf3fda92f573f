"""The checks, one subject a file, in the order in which they are made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from doctor.checks import (
    account,
    certificate,
    drain,
    fallback,
    model,
    number,
    people,
    quota,
    secret_values,
    service,
    stack,
    stream,
    transfer,
    webhook,
)
from doctor.context import Patient
from doctor.facts import Stack
from doctor.findings import Fact, Finding


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    """What its lines begin with."""
    look: Callable[[Patient], Iterator[Finding]]
    """May raise `DoctorError`, `UnknownError` and the errors of AWS's SDK."""
    notes: type[Fact] | None = None
    """What it has to find out, or the checks after it are not made."""


CHECKS = (
    Check("stack", stack.stack, notes=Stack),
    Check("secrets", secret_values.twilio_secret),
    Check("secrets", secret_values.openai_secret),
    Check("account", account.account),
    Check("account", account.api_key),
    Check("number", number.number),
    Check("certificate", certificate.certificate),
    Check("webhook", webhook.signed),
    Check("webhook", webhook.unsigned),
    Check("record", webhook.record),
    Check("stream", stream.unsigned),
    Check("stream", stream.signed),
    Check("fallback", fallback.fallback),
    Check("transfer", transfer.transfer),
    Check("people", people.people),
    Check("agent", model.agent),
    Check("model", model.model),
    Check("drain", drain.drain),
    Check("service", service.service),
    Check("quota", quota.quota),
)
