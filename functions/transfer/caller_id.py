"""The number that people see when they are rung: one that Twilio accepts.

https://www.twilio.com/docs/voice/twiml/dial#callerid. By default Twilio shows the caller's own number. It also accepts
the called number, and numbers that the account owns or has verified. A caller from the Voice SDK or from SIP has no
number: Twilio demands one for them, and without it the dial fails (13214).
"""

from typing import TYPE_CHECKING

from targets import is_usable_number

if TYPE_CHECKING:
    from call_record import CallRecord
    from directory import Directory


def choose_caller_id(directory: "Directory", record: "CallRecord", *, refused: bool = False) -> str | None:
    """The number that people see; None: leave it to Twilio, which shows the caller's.

    The business number is used if neither the caller's nor the called number can be shown, if the record does not have
    them, and after Twilio has refused another number in this call (`refused`: just now).
    """
    if directory.business_number and (refused or any(each.failure == "caller_id" for each in record.attempts)):
        return directory.business_number
    if directory.caller_id not in ("caller", "called"):
        return directory.caller_id
    if directory.caller_id == "caller" and record.call and is_usable_number(record.call.caller):
        return None
    if record.call and is_usable_number(record.call.called):
        return record.call.called
    return directory.business_number or None


def if_refused(directory: "Directory", shown: str | None) -> str:
    """What follows if Twilio refuses the number that is shown, in the words of an attempt's row."""
    return "business_number" if directory.business_number not in ("", shown) else ""
