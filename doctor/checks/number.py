"""Whether calls to the phone number reach this stack. Offers to set the number's webhooks."""

from collections.abc import Iterator, Sequence
from urllib.parse import urldefrag

from doctor.context import Context
from doctor.facts import Account, Numbers, Stack
from doctor.findings import Finding, Fix, fail, ok
from doctor.twilio_api import Number


def check_number(context: Context) -> Iterator[Finding]:
    stack, account = context.facts.get(Stack), context.facts.get(Account)
    chosen = choose(context.facts.get(Numbers).own, context.options.number, stack)
    if isinstance(chosen, Finding):
        yield chosen
        return
    for candidate in chosen:
        yield _check_urls(context, candidate, stack, account)


def _check_urls(context: Context, chosen: Number, stack: Stack, account: Account) -> Finding:
    where = chosen.phone_number
    if taken := find_other_handler(chosen):
        return taken
    if not (faults := list(_list_faults(chosen, stack))):
        return ok(f"{where}: calls go to VoiceUrl by POST, and to FallbackUrl when that fails")

    def apply() -> None:
        account.twilio.set_webhooks(chosen.sid, stack.webhooks)
        context.facts.add(Numbers(account.twilio.list_numbers()))

    remedy = f"set both in Twilio's console, or let the doctor do it: make doctor NUMBER={where} FIX=1"
    question = f"Set the webhooks of {where} to VoiceUrl and FallbackUrl of {stack.name}?"
    return fail(f"{where}: {'; '.join(faults)}", remedy, Fix(question, apply))


def find_other_handler(chosen: Number) -> Finding | None:
    """What takes the number's calls in the place of its webhooks."""
    for sid, what in ((chosen.trunk_sid, "a SIP trunk"), (chosen.voice_application_sid, "a TwiML app")):
        if sid:
            where = chosen.phone_number
            remedy = f"in Twilio's console let {where} be handled by webhooks, then try again"
            return fail(f"{where}: {what} ({sid}) takes its calls, so its webhooks are not asked", remedy)
    return None


def choose(numbers: Sequence[Number], wanted: str | None, stack: Stack) -> list[Number] | Finding:
    """The number that the user named, or else those that lead to this stack, or else the only one."""
    voice_numbers = [candidate for candidate in numbers if candidate.can_take_calls]
    if wanted:
        found = [candidate for candidate in numbers if candidate.phone_number == wanted]
        if not found:
            return fail(f"the account has no number {wanted}", f"use one of these: {_list(voice_numbers)}")
        if not found[0].can_take_calls:
            return fail(f"{wanted} cannot take calls", f"use one of these: {_list(voice_numbers)}")
        return found
    if here := [candidate for candidate in voice_numbers if _is_same_url(candidate.voice_url, stack.voice_url)]:
        return here
    if not voice_numbers:
        return fail("the Twilio account has no number that takes calls", "buy one in Twilio's console")
    if len(voice_numbers) == 1:
        return voice_numbers
    remedy = f"say which one is Warmline's: NUMBER=+… (there are {_list(voice_numbers)})"
    return fail(f"none of the account's {len(voice_numbers)} numbers leads to VoiceUrl", remedy)


def _list_faults(chosen: Number, stack: Stack) -> Iterator[str]:
    if not _is_same_url(chosen.voice_url, stack.voice_url):
        yield f"calls go to {chosen.voice_url or 'nowhere'}, not to {stack.voice_url}"
    if (chosen.voice_method or "POST").upper() != "POST":
        yield f"they go by {chosen.voice_method}, and only POST is answered"
    if not _is_same_url(chosen.voice_fallback_url, stack.fallback_url):
        nobody = "nobody answers the caller when the webhook fails"
        instead = chosen.voice_fallback_url or "nowhere"
        yield f"when that fails they go to {instead}, not to {stack.fallback_url}: {nobody}"


def _is_same_url(configured: str | None, expected: str) -> bool:
    """Ignores what follows `#`: Twilio's connection overrides, which the user may choose."""
    return urldefrag(configured or "").url == expected


def _list(numbers: Sequence[Number]) -> str:
    shown = ", ".join(candidate.phone_number for candidate in numbers[:10]) or "none"
    return shown + (f" and {len(numbers) - 10} more" if len(numbers) > 10 else "")
