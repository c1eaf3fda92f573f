"""Whether everybody in the directory can be rung: numbers that exist, in countries that the account may ring.

The deployed function tells nobody its numbers, so the local file is read; its names are compared with the deployed
ones. Twilio's geographic permissions: https://www.twilio.com/docs/voice/api/dialing-permissions-resources.
"""

from collections.abc import Iterator
from pathlib import Path

import directory
from directory import Directory
from doctor.context import Context
from doctor.errors import DoctorError
from doctor.facts import Account, DeployedDestinations, Numbers, Stack
from doctor.findings import Finding, fail, ok, warn
from doctor.options import ROOT
from doctor.twilio_api import API, Country
from targets import is_usable_number
from toml_file import TomlFileError

_PERMIT = "Voice > Settings > Geo permissions in Twilio's console"


def check_people(context: Context) -> Iterator[Finding]:
    file = context.options.directory_file
    try:
        found = directory.load(file)
    except TomlFileError as error:
        message = f"{_display_path(file)} cannot be used: {str(error).replace(str(file), file.name)}"
        yield fail(message, "`make check` reports the same")
        return
    yield _compare_with_deployed(context, found, _display_path(file))
    account, own = context.facts.get(Account), {each.phone_number for each in context.facts.get(Numbers).own}
    try:
        verified, countries = account.twilio.list_verified_numbers(), account.twilio.list_countries()
    except DoctorError as error:
        if account.twilio.api == API:
            raise
        yield warn(f"{error.message}: a region may lack such a list, so nobody's number was checked", error.remedy)
        return
    stack = context.facts.find(Stack)
    dialed = list(_list_numbers(found))
    if stack and (fallback := stack.parameters.get("FallbackNumber")):
        dialed.append(("FallbackNumber", fallback))
    for name, number in dialed:
        yield _check_ownership(name, number, account, own, verified) or _check_number(name, number, countries, account)
    yield from _check_caller_ids(found, stack, own | verified)
    if not dialed:
        yield ok("nobody in the directory has a telephone number: no geographic permission is needed")
    if found.caller_id not in ("caller", "called"):
        yield _check_caller_id("the directory's caller_id", found.caller_id, own | verified)


def _check_ownership(
    name: str, number: str, account: Account, own: set[str], verified: frozenset[str]
) -> Finding | None:
    """None if the account may ring the number, as far as it depends on whose number it is."""
    if number in own:
        message = f"{name}, {mask(number)}: the Twilio account's own number: the call would come back to the model"
        return fail(message, "enter the number of a person's phone; then deploy again")
    if account.trial and number not in verified:
        remedy = "verify it (Phone Numbers > Verified Caller IDs), or upgrade the account"
        return fail(f"{name}: a trial account does not ring {mask(number)}, which is not verified", remedy)
    return None


def mask(number: str) -> str:
    """Only enough of the number to recognize it."""
    return f"{number[:5]}…{number[-2:]}"


def _display_path(file: Path) -> str:
    return str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)


def _compare_with_deployed(context: Context, found: Directory, file: str) -> Finding:
    names = tuple(each.name for each in found.destinations)
    deployed = context.facts.find(DeployedDestinations)
    if deployed is None:
        return warn(f"{file} was read: {', '.join(names)}; it is not known whether it is what was deployed")
    if deployed.names != names:
        message = f"{file} has {', '.join(names)}, but deployed are {', '.join(deployed.names)}"
        return warn(f"{message}: the next lines are about the file", "deploy, or check out what was deployed")
    return ok(f"{file} has the destinations that are deployed: {', '.join(names)}")


def _list_numbers(found: Directory) -> Iterator[tuple[str, str]]:
    for destination in found.destinations:
        for target in destination.targets:
            if target.kind == "number":
                yield destination.name, target.address


def _check_number(name: str, number: str, countries: tuple[Country, ...], account: Account) -> Finding:
    who = f"{name}, {mask(number)}"
    if not is_usable_number(number):
        return fail(f"{who}: not a number in E.164, such as +14155550100", "correct it and deploy again")
    if number.startswith("+1555"):  # no area has this code
        return fail(f"{who}: an example number that nobody has", "put your own people in, then deploy again")
    country = max(countries, key=lambda each: len(each.find_code(number)), default=None)
    if country is None or not country.find_code(number):
        return fail(f"{who}: Twilio knows no country with such numbers", "correct it and deploy again")
    where = country.name or country.iso_code
    if not country.low_risk_numbers_enabled:
        return fail(f"{who}: the account may not ring {where}", f"allow it: {_PERMIT}")
    special_allowed = country.high_risk_special_numbers_enabled
    if not special_allowed and _is_special(number, account.twilio.list_special_prefixes(country)):
        return fail(f"{who}: a special number of {where}, which the account may not ring", f"allow them: {_PERMIT}")
    return ok(f"{who}: the account may ring {where}")


def _is_special(number: str, prefixes: list[str]) -> bool:
    return any(number.startswith("+" + "".join(filter(str.isdecimal, prefix))) for prefix in prefixes)


def _check_caller_ids(found: Directory, stack: Stack | None, allowed: set[str]) -> Iterator[Finding]:
    """Check the numbers shown for callers without one (browsers, SIP phones), because Twilio demands a caller ID."""
    parameters = stack.parameters if stack else {}
    if found.business_number not in ("", found.caller_id):
        yield _check_caller_id("the directory's business_number", found.business_number, allowed)
    elif not found.business_number and any(_list_numbers(found)):
        remedy = "business_number in the directory, a number of the account; then deploy again"
        yield warn("people are not rung for a caller who has no number to show: a browser, a SIP telephone", remedy)
    if shown := parameters.get("FallbackCallerId"):
        yield _check_caller_id("FallbackCallerId", shown, allowed)
    elif parameters.get("FallbackNumber"):
        remedy = "FallbackCallerId, a number of the account; then deploy again"
        yield warn("FallbackNumber is not rung for a caller who has no number to show", remedy)


def _check_caller_id(what: str, number: str, allowed: set[str]) -> Finding:
    """Whether Twilio lets people see the number."""
    if number in allowed:
        return ok(f"{what} {mask(number)} belongs to the account")
    remedy = "a number of the account, or a verified one" + (', or "caller" or "called"' if "caller_id" in what else "")
    return fail(f"{what} {mask(number)} does not belong to the account: Twilio refuses to ring", remedy)
