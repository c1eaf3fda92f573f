"""Whether everybody in the directory can be rung: numbers that exist, in countries that the account may ring.

The deployed function tells nobody its numbers, so the local file is read; its names are compared with the deployed
ones. Twilio's geographic permissions: https://www.twilio.com/docs/voice/api/dialing-permissions-resources.
"""

from collections.abc import Iterator
from pathlib import Path

import directory
from directory import Directory, DirectoryError
from doctor.context import ROOT, Context
from doctor.facts import Account, Deployed, Numbers, Stack
from doctor.findings import Finding, fail, ok, warn
from doctor.twilio_api import Country, Twilio
from targets import usable_number

_PERMIT = "Voice > Settings > Geo permissions in Twilio's console"


def people(context: Context) -> Iterator[Finding]:
    file = context.options.directory_file
    try:
        found = directory.load(file)
    except DirectoryError as error:
        message = f"{_shown(file)} cannot be used: {str(error).replace(str(file), file.name)}"
        yield fail(message, "`make check` says the same")
        return
    yield _compared(context, found, _shown(file))
    account, own = context.facts.get(Account), context.facts.get(Numbers).own
    verified = account.twilio.verified_numbers()
    countries = account.twilio.countries()
    rung = list(_rung(found))
    stack = context.facts.find(Stack)
    if stack and (fallback := stack.parameters.get("FallbackNumber")):
        rung.append(("FallbackNumber", fallback))
    for name, number in rung:
        if number in {each.phone_number for each in own}:
            message = f"{name}, {mask(number)}: a number of the Twilio account itself"
            yield fail(
                f"{message}: the call would come back to the model", "somebody's telephone instead; then deploy again"
            )
        elif account.trial and number not in verified:
            remedy = "verify it (Phone Numbers > Verified Caller IDs), or upgrade the account"
            yield fail(f"{name}: a trial account does not ring {mask(number)}, which is not verified", remedy)
        else:
            yield _judged(name, number, countries, account.twilio)
    allowed = {each.phone_number for each in own} | verified
    yield from _caller_ids(found, stack, allowed)
    if not rung:
        yield ok("nobody in the directory has a telephone number: no geographic permission is needed")
    if found.caller_id not in ("caller", "called"):
        yield _caller_id("the directory's caller_id", found.caller_id, allowed)


def mask(number: str) -> str:
    """Enough of it to know which one it is."""
    return f"{number[:5]}…{number[-2:]}"


def _shown(file: Path) -> str:
    return str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)


def _compared(context: Context, found: Directory, file: str) -> Finding:
    names = tuple(each.name for each in found.destinations)
    deployed = context.facts.find(Deployed)
    if deployed is None:
        return warn(f"{file} was read: {', '.join(names)}; whether it is what is deployed is not known")
    if deployed.names != names:
        message = f"{file} has {', '.join(names)}, but deployed are {', '.join(deployed.names)}"
        return warn(f"{message}: the next lines are about the file", "deploy, or check out what was deployed")
    return ok(f"{file} has the destinations that are deployed: {', '.join(names)}")


def _rung(found: Directory) -> Iterator[tuple[str, str]]:
    for destination in found.destinations:
        for target in destination.targets:
            if target.kind == "number":
                yield destination.name, target.address


def _judged(name: str, number: str, countries: tuple[Country, ...], twilio: Twilio) -> Finding:
    who = f"{name}, {mask(number)}"
    if not usable_number(number):
        return fail(f"{who}: no number in E.164, such as +14155550100", "correct it and deploy again")
    if number.startswith("+1555"):  # no area has this code
        return fail(f"{who}: the number of an example; nobody has it", "put your own people in, then deploy again")
    country = max(countries, key=lambda each: len(each.error_code(number)), default=None)
    if country is None or not country.error_code(number):
        return fail(f"{who}: Twilio knows no country with such numbers", "correct it and deploy again")
    where = country.name or country.iso_code
    if not country.low_risk_numbers_enabled:
        return fail(f"{who}: the account may not ring {where}", f"allow it: {_PERMIT}")
    if not country.high_risk_special_numbers_enabled and _special(number, twilio.special_prefixes(country)):
        return fail(f"{who}: a special number of {where}, which the account may not ring", f"allow them: {_PERMIT}")
    return ok(f"{who}: the account may ring {where}")


def _special(number: str, prefixes: list[str]) -> bool:
    return any(number.startswith("+" + "".join(filter(str.isdecimal, prefix))) for prefix in prefixes)


def _caller_ids(found: Directory, stack: Stack | None, allowed: set[str]) -> Iterator[Finding]:
    """The numbers that stand in for a caller's: a browser and a SIP telephone have none, and Twilio demands one."""
    parameters = stack.parameters if stack else {}
    if found.business_number not in ("", found.caller_id):
        yield _caller_id("the directory's business_number", found.business_number, allowed)
    elif not found.business_number and any(_rung(found)):
        remedy = "business_number in the directory, a number of the account; then deploy again"
        yield warn("people are not rung for a caller who has no number to show: a browser, a SIP telephone", remedy)
    if shown := parameters.get("FallbackCallerId"):
        yield _caller_id("FallbackCallerId", shown, allowed)
    elif parameters.get("FallbackNumber"):
        remedy = "FallbackCallerId, a number of the account; then deploy again"
        yield warn("FallbackNumber is not rung for a caller who has no number to show", remedy)


def _caller_id(what: str, number: str, allowed: set[str]) -> Finding:
    """Whether Twilio lets people see the number."""
    if number in allowed:
        return ok(f"{what} {mask(number)} belongs to the account")
    remedy = "a number of the account, or a verified one" + (', or "caller" or "called"' if "caller_id" in what else "")
    return fail(f"{what} {mask(number)} is not the account's: Twilio refuses to ring", remedy)
