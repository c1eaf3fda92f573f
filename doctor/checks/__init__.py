"""The checks in the order in which they run. One file for each subject."""

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
from doctor.context import Context
from doctor.facts import Stack
from doctor.findings import Finding
from doctor.known_facts import Fact


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    """What its lines begin with."""
    run: Callable[[Context], Iterator[Finding]]
    """May raise `DoctorError`, `MissingFactError` and the errors of AWS's SDK."""
    required_fact: type[Fact] | None = None
    """If the check does not find this out, the checks after it do not run."""


CHECKS = (
    Check("stack", stack.stack, required_fact=Stack),
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
