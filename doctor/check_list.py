"""The checks in the order in which they run. One file for each subject."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from doctor.checks import (
    account,
    certificate,
    drain,
    fallback,
    model,
    notify,
    number,
    people,
    quota,
    secret_values,
    service,
    session,
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
    """The subject that its lines begin with."""
    run: Callable[[Context], Iterator[Finding]]
    """May raise `DoctorError`, `MissingFactError` and the errors of AWS's SDK."""
    required_fact: type[Fact] | None = None
    """If the check does not find this out, the checks after it do not run."""


CHECKS = (
    Check("stack", stack.check_stack, required_fact=Stack),
    Check("secrets", secret_values.check_twilio_secret),
    Check("secrets", secret_values.check_openai_secret),
    Check("account", account.check_account),
    Check("account", account.check_api_key),
    Check("number", number.check_number),
    Check("certificate", certificate.check_certificates),
    Check("webhook", webhook.check_signed_request),
    Check("webhook", webhook.check_unsigned_request),
    Check("record", webhook.check_record),
    Check("stream", stream.check_unsigned_handshake),
    Check("stream", stream.check_signed_handshake),
    Check("fallback", fallback.check_fallback),
    Check("transfer", transfer.check_transfer),
    Check("people", people.check_people),
    Check("notify", notify.check_notify),
    Check("agent", model.check_agent),
    Check("model", model.check_models),
    Check("session", session.check_session),
    Check("drain", drain.check_drain),
    Check("service", service.check_service),
    Check("quota", quota.check_quota),
)
