"""Twilio's error codes, as the Debugger and the REST API of a real account show them.

TwilioError                 a request, a document or a stream that Twilio would log under `code`
├── TwimlError              a document that cannot be executed; the caller hears the application error
├── WebhookError            a web server that gave no usable answer; the fallback URL is next
├── StreamError             a media stream that could not be opened, or ended by a fault
└── RestError               an answer other than 200 to a REST request

Meanings: https://www.twilio.com/docs/api/errors/<code>.
"""

from typing import Final

TOO_MANY_CALLS: Final = 10004
INVALID_URL: Final = 11100
HTTP_FAILURE: Final = 11200
HTTP_NO_ANSWER: Final = 11205
TWIML_TOO_LARGE: Final = 11750
NOT_XML: Final = 12100
AGAINST_SCHEMA: Final = 12200
NOT_TWIML: Final = 12300
CALLER_ID_REFUSED: Final = 13214
DIAL_IN_WHISPER: Final = 13201
NUMBER_REFUSED: Final = 13223
SPEECH_TIMEOUT: Final = 13327
VERB_IN_WAIT: Final = 13238
REFER_WITHOUT_SIP: Final = 13801
NO_WORKFLOW: Final = 14220
TASK_NOT_JSON: Final = 14221
RELATIVE_URL: Final = 15004
CONFERENCE_FULL: Final = 16020
NO_JOIN_AT_LIMIT: Final = 16021
LABEL_TAKEN: Final = 16025

STREAM_TIMED_OUT: Final = 31901
STREAM_REFUSED: Final = 31902
STREAM_BROKEN: Final = 31903
STREAM_UPGRADE_FAILED: Final = 31920
STREAM_CLOSED_BY_SERVER: Final = 31921
STREAM_NOT_WSS: Final = 31922
STREAM_MALFORMED_URL: Final = 31923
STREAM_PROTOCOL: Final = 31924
STREAM_OVERFLOW: Final = 31930
STREAM_TRACK: Final = 31941

UNAUTHENTICATED: Final = 20003
NOT_COMPLETE: Final = 20009
NOT_FOUND: Final = 20404
PAGE_TOO_LARGE: Final = 20007
BUSY: Final = 20429
INTERNAL: Final = 20500
BAD_PARAMETER: Final = 20001
NO_TO: Final = 21201
URL_REFUSED: Final = 21205
TO_REFUSED: Final = 21211
FROM_UNVERIFIED: Final = 21210
FROM_REFUSED: Final = 21212
NO_FROM: Final = 21213
NO_APPLICATION: Final = 21218
NOT_IN_PROGRESS: Final = 21220
INLINE_TOO_LONG: Final = 32018

TO_IS_FROM: Final = 21266
NO_BODY: Final = 21602
NO_MESSAGE_FROM: Final = 21603
NO_MESSAGE_TO: Final = 21604
FROM_WITHOUT_SMS: Final = 21606
TO_UNVERIFIED: Final = 21608
BODY_TOO_LONG: Final = 21617
FROM_OF_OTHERS: Final = 21659


class TwilioError(Exception):
    """`code` is the number to look up, `detail` what a developer would want to know."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class TwimlError(TwilioError):
    """The caller hears the application error and the call ends."""


class WebhookError(TwilioError):
    """No usable answer within the budget, retries included."""


class StreamError(TwilioError):
    """The stream is over, the call is not."""


class RestError(TwilioError):
    """`status` is the HTTP status of the answer."""

    def __init__(self, status: int, code: int, detail: str) -> None:
        super().__init__(code, detail)
        self.status = status
