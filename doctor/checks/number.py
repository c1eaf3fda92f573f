"""Whether the number that people dial leads to this stack. Changes it only if the user says so."""

from collections.abc import Iterator, Sequence
from urllib.parse import urldefrag

from doctor.context import Context
from doctor.facts import Account, Numbers, Stack
from doctor.findings import Finding, Fix, fail, ok
from doctor.twilio_api import Number


def number(context: Context) -> Iterator[Finding]:
    stack, account = context.facts.get(Stack), context.facts.get(Account)
    chosen = _chosen(context.facts.get(Numbers).own, context.options.number, stack)
    if isinstance(chosen, Finding):
        yield chosen
        return
    for each in chosen:
        yield _judged(context, each, stack, account)


def _judged(context: Context, chosen: Number, stack: Stack, account: Account) -> Finding:
    where = chosen.phone_number
    for sid, what in ((chosen.trunk_sid, "a SIP trunk"), (chosen.voice_application_sid, "a TwiML app")):
        if sid:
            remedy = f"in Twilio's console let {where} be handled by webhooks, then once more"
            return fail(f"{where}: {what} ({sid}) takes its calls, so its webhooks are not asked", remedy)
    if not (faults := list(_faults(chosen, stack))):
        return ok(f"{where}: calls go to VoiceUrl by POST, and to FallbackUrl when that fails")

    def act() -> None:
        account.twilio.set_urls(chosen, stack.voice_url, stack.fallback_url)
        context.facts.add(Numbers(account.twilio.numbers()))

    remedy = f"set both in Twilio's console, or let this do it: make doctor NUMBER={where} FIX=1"
    question = f"Set the webhooks of {where} to VoiceUrl and FallbackUrl of {stack.name}?"
    return fail(f"{where}: {'; '.join(faults)}", remedy, Fix(question, act))


def _chosen(own: Sequence[Number], wanted: str | None, stack: Stack) -> list[Number] | Finding:
    """The number that the user named; or those that lead here; or the only one."""
    able = [each for each in own if each.takes_calls]
    if wanted:
        found = [each for each in own if each.phone_number == wanted]
        if not found:
            return fail(f"the account has no number {wanted}", f"one of these: {_list(able)}")
        return found if found[0].takes_calls else fail(f"{wanted} cannot take calls", f"one of these: {_list(able)}")
    if here := [each for each in able if _same(each.voice_url, stack.voice_url)]:
        return here
    if not able:
        return fail("the Twilio account has no number that takes calls", "buy one in Twilio's console")
    if len(able) == 1:
        return able
    remedy = f"say which one is Warmline's: NUMBER=+… (there are {_list(able)})"
    return fail(f"none of the account's {len(able)} numbers leads to VoiceUrl", remedy)


def _faults(chosen: Number, stack: Stack) -> Iterator[str]:
    if not _same(chosen.voice_url, stack.voice_url):
        yield f"calls go to {chosen.voice_url or 'nowhere'}, not to {stack.voice_url}"
    if (chosen.voice_method or "POST").upper() != "POST":
        yield f"they go by {chosen.voice_method}, and only POST is answered"
    if not _same(chosen.voice_fallback_url, stack.fallback_url):
        nobody = "nobody answers the caller when the webhook fails"
        instead = chosen.voice_fallback_url or "nowhere"
        yield f"when that fails they go to {instead}, not to {stack.fallback_url}: {nobody}"


def _same(configured: str | None, expected: str) -> bool:
    """Whatever follows `#` are Twilio's connection overrides, which are the user's own business."""
    return urldefrag(configured or "").url == expected


def _list(numbers: Sequence[Number]) -> str:
    shown = ", ".join(each.phone_number for each in numbers[:10]) or "none"
    return shown + (f" and {len(numbers) - 10} more" if len(numbers) > 10 else "")
