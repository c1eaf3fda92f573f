"""Why a dial failed: Twilio's codes, and what they mean.

If Twilio itself refuses a `<Dial>`, it posts `ErrorCode` and `ErrorMessage` to its action, but not always both.
`DialSipResponseCode` is the network's last answer to a leg. The codes: https://www.twilio.com/docs/api/errors, and
RFC 3261, 21.4 to 21.6, with RFC 3398, 8.2.6.1 for what telephone networks mean by them.
"""

import re
from collections.abc import Mapping

from call_record import DialFailure

CALLER_ID = "caller_id"
CODES = {
    # The caller ID: not the caller's, not the account's, or missing although Twilio demands one.
    **dict.fromkeys(("13214", "21210", "21212", "21213"), CALLER_ID),
    **dict.fromkeys(("13223", "13224", "13226", "21211", "21214", "21217"), "no_such_number"),
    # Forbidden numbers, countries that the account may not ring, numbers that a trial account has not verified.
    **dict.fromkeys(("13225", "13227", "21215", "21216", "21219", "21608", "32205", "573005"), "not_permitted"),
    # More calls at the same time than the account may have.
    **dict.fromkeys(("10004", "16021"), "no_line"),
    "32009": "unreachable",  # a SIP telephone that is not registered
}
SIP_CODES = {
    **dict.fromkeys(("404", "410", "484", "485", "604"), "no_such_number"),
    **dict.fromkeys(("408", "480", "500", "502", "503", "504"), "unreachable"),
}
# "valid callerId must be provided for TwilioClient and SIP calls when using Dial" came without a code:
# https://github.com/twilio/twilio-voice-ios/issues/103
ABOUT_CALLER_ID = re.compile("caller ?id", re.IGNORECASE)
MAX_WORDS = 200


def classify_failure(form: Mapping[str, str], outcome: str) -> DialFailure:
    """What is known about a dial with this outcome. The kind is empty without a failure, or without a cause."""
    code, message = form.get("ErrorCode", "")[:10], form.get("ErrorMessage", "")[:MAX_WORDS]
    sip_code = (form.get("DialSipResponseCode") or form.get("SipResponseCode", ""))[:10]
    kind = _classify(code, message, sip_code) if outcome == "failed" else ""
    return DialFailure(kind, code, message, sip_code)


def _classify(code: str, message: str, sip_code: str) -> str:
    if code in CODES:
        return CODES[code]
    if ABOUT_CALLER_ID.search(message):
        return CALLER_ID
    if sip_code in SIP_CODES:
        return SIP_CODES[sip_code]
    return "refused" if sip_code[:1] in ("4", "6") else ""
