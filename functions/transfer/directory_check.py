"""Checks a directory whose shape is right: names, numbers, bounds, hours, circles."""

import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from directory_file import Entry, Fallback, File
from hours import HoursError, parse_week
from recipients import parse_recipient
from targets import is_usable_number, parse_target
from toml_faults import Fault, KeyPath

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# "+1 555 010 0002", "(555) 0100/002", "call_15550100002": seven digits with nothing but separators between them.
NUMBER_LIKE = re.compile(r"(?:\d[\s()./_-]*){7,}")
ADDRESS_LIKE = re.compile(r"\b(?:sips?|tel|client|queue):\S", re.IGNORECASE)
DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")

NO_BUSINESS_NUMBER = (
    'expected a number of the Twilio account such as "+15550100000"; people see it when a caller has '
    "no number to show (a browser, a SIP telephone, a withheld number), and without it Twilio may not ring them"
)

SENDERS: tuple[KeyPath, ...] = (("sms_from",), ("business_number",), ("caller_id",))
"""Where the number stands that sends SMS."""
MAX_SPOKEN_CHARACTERS = 200  # nobody listens to more before it rings
MAX_BUSINESS_CHARACTERS = 60  # a person who picks up hears it, three times
MAX_NOTIFY = 5  # the function tells one after the other, and Lambda gives it ten seconds
MAX_TARGETS = 10  # nouns in a <Dial>: https://www.twilio.com/docs/voice/twiml/number
RING_SECONDS = range(5, 121)  # Twilio accepts 5 to 600; nobody listens to ringing for over two minutes
TALK_SECONDS = range(60, 14_401)  # Twilio's default and maximum: four hours


def validate(file: File) -> Iterator[Fault]:
    """Every fault of a file that has the right shape, in no order."""
    if file.caller_id not in ("caller", "called") and not is_usable_number(file.caller_id):
        expected = '"caller", "called" or a number such as "+15550100000"'
        yield Fault(("caller_id",), f"expected {expected}, got {file.caller_id!r}")
    if file.business_number and not is_usable_number(file.business_number):
        expected = 'a number of the Twilio account such as "+15550100000"'
        yield Fault(("business_number",), f"expected {expected}, got {file.business_number!r}")
    if file.sms_from and not is_usable_number(file.sms_from):
        expected = 'a number of the Twilio account that can send SMS, such as "+15550100000"'
        yield Fault(("sms_from",), f"expected {expected}, got {file.sms_from!r}")
    if not _is_free_of_numbers(file.business_name) or len(file.business_name) > MAX_BUSINESS_CHARACTERS:
        expected = f"at most {MAX_BUSINESS_CHARACTERS} characters in one line, without a number or an address"
        yield Fault(("business_name",), f"expected words for whoever picks up: {expected}")
    yield from _find_zone_faults(file.time_zone, ("time_zone",))
    names = [entry.name for entry in file.destination]
    for index, entry in enumerate(file.destination):
        where = ("destination", index)
        for place, reason in find_entry_faults(entry):
            others = ("accept", "targets") if place == ("ring",) else ()
            yield Fault((*where, *place), reason, tuple((*where, other) for other in others))
        for place, reason in _find_notify_faults(entry.notify, _find_sender(file)):
            yield Fault((*where, *place), reason, SENDERS)
        if entry.time_zone:
            yield from _find_zone_faults(entry.time_zone, (*where, "time_zone"))
        if entry.name in names[:index]:
            yield Fault((*where, "name"), f"{entry.name!r} is the name of another destination already")
        if reason := _find_chain_fault(entry, file):
            yield Fault((*where, "nobody"), reason, tuple(("destination", each, "name") for each in range(len(names))))


def check_completeness(file: File) -> Iterator[Fault]:
    """Faults with which the function works, but which some callers would notice."""
    numbers = any(target.startswith(("+", "sip")) for entry in file.destination for target in entry.targets)
    if numbers and not file.business_number and file.caller_id in ("caller", "called"):
        yield Fault(("business_number",), NO_BUSINESS_NUMBER, (("caller_id",),))
    own = {file.business_number, file.caller_id}
    for index, entry in enumerate(file.destination):
        if own & set(entry.targets):
            reason = "expected somebody's telephone, got our own number: the call would come back to the model"
            yield Fault(("destination", index, "targets"), reason)


def find_entry_faults(entry: Entry) -> Iterator[tuple[KeyPath, str]]:
    """The place and the reason of each fault that the entry has by itself."""
    if not NAME.fullmatch(entry.name) or not _is_free_of_numbers(entry.name):
        yield ("name",), f"expected at most 40 small letters, digits and _, without a number; got {entry.name!r}"
    if not entry.description.strip() or not _is_free_of_numbers(entry.description):
        yield ("description",), "expected one line of words for the model, without a number or an address"
    if not _is_free_of_numbers(entry.spoken) or len(entry.spoken) > MAX_SPOKEN_CHARACTERS:
        expected = f"at most {MAX_SPOKEN_CHARACTERS} characters in one line, without a number or an address"
        yield ("spoken",), f"expected words for the caller: {expected}"
    for key, value, allowed in (
        ("ring_seconds", entry.ring_seconds, RING_SECONDS),
        ("talk_seconds", entry.talk_seconds, TALK_SECONDS),
    ):
        if value not in allowed:
            yield (key,), f"expected {allowed[0]} to {allowed[-1]}, got {value}"
    if entry.ring == "together" and entry.accept == "keypress" and len(entry.targets) > 1:
        # Twilio stops all others when the first one picks up, even a voicemail, and before any key.
        reason = 'the first voicemail to pick up would stop the others: expected "in_turn", or accept = "answer"'
        yield ("ring",), reason
    yield from _find_target_faults(entry.targets)
    if entry.hours != "always":
        yield from _find_hours_faults(entry.hours)


def _find_target_faults(targets: list[str]) -> Iterator[tuple[KeyPath, str]]:
    for index, target in enumerate(targets):
        if not parse_target(target):
            expected = "a number in E.164 such as +15550100002, sip:user@host, client:name or queue:name"
            yield ("targets", index), f"expected {expected}; got {target!r}"
    whole = ("targets",)
    if len(targets) > MAX_TARGETS:
        yield whole, f"expected at most {MAX_TARGETS}, got {len(targets)}"
    if len(set(targets)) < len(targets):
        yield whole, "expected each target once"
    if len(targets) > 1 and any(target.startswith("queue:") for target in targets):
        yield whole, "a queue is not rung together with others: expected it alone"


def _find_hours_faults(hours: Mapping[str, str | list[str]]) -> Iterator[tuple[KeyPath, str]]:
    """Of each line by itself; of the week as a whole only if there are none."""
    is_good = True
    for days, words in hours.items():
        parts = [[each] for each in words] if isinstance(words, list) and words else [words]
        for reason in dict.fromkeys(_find_week_fault({days: part}) for part in parts):
            if reason:
                is_good = False
                yield ("hours", days), reason
    if is_good and (reason := _find_week_fault(hours)):
        yield ("hours",), reason


def _find_week_fault(hours: Mapping[str, str | list[str]]) -> str:
    try:
        parse_week(hours)
    except HoursError as error:
        return str(error)
    return ""


def _find_sender(file: File) -> str:
    """The number that sends SMS; empty: there is none."""
    number = file.caller_id if file.caller_id not in ("caller", "called") else ""
    return file.sms_from or file.business_number or number


def _find_notify_faults(notify: list[str], sender: str) -> Iterator[tuple[KeyPath, str]]:
    for index, text in enumerate(notify):
        place = ("notify", index)
        if not (recipient := parse_recipient(text)):
            yield place, f'expected "sns" or "sms:" with a number in E.164, such as "sms:+15550100002"; got {text!r}'
        elif recipient.kind == "sms" and not sender:
            yield place, "an SMS needs a number that sends it: expected sms_from or business_number in this file"
        elif recipient.kind == "sms" and recipient.address == sender:
            yield place, "expected somebody's telephone, got our own number, which sends the SMS"
    if len(notify) > MAX_NOTIFY:
        yield ("notify",), f"expected at most {MAX_NOTIFY}, got {len(notify)}"
    if len(set(notify)) < len(notify):
        yield ("notify",), "expected each of them once"


def _is_free_of_numbers(text: str) -> bool:
    """Whether a model may know the text: one printable line that contains nothing that could be dialled."""
    return text.isprintable() and not NUMBER_LIKE.search(DATE.sub(" date ", text)) and not ADDRESS_LIKE.search(text)


def _find_zone_faults(name: str, where: KeyPath) -> Iterator[Fault]:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault(where, f'expected a name such as "Europe/London", got {name!r}')


def _find_chain_fault(entry: Entry, file: File) -> str:
    """Why the entry's chain of `nobody` never ends; empty: it ends, or another entry is told so."""
    names = [each.name for each in file.destination]
    seen = [entry.name]
    while isinstance(entry.nobody, Fallback):
        name = entry.nobody.destination
        if name not in names:
            others = [each for each in names if each != entry.name]
            known = f"expected one of {', '.join(others)}" if others else "there is no other destination"
            return f"{known}; got {name!r}" if len(seen) == 1 else ""
        if name in seen:
            is_first = name == seen[0] and seen[0] == min(seen, key=names.index)
            return f"a circle without end: {' -> '.join([*seen, name])}" if is_first else ""
        seen.append(name)
        entry = file.destination[names.index(name)]
    return ""
