"""What Twilio does and this carrier does not: the one table of it.

TwiML is named as XPath from `<Response>`; what is inside of such an element is not simulated either. With "=" one value
is meant, and the others are simulated. `tests/sandbox/twilio/test_not_simulated.py` compares the table with all that
the twilio library can write and ask for.
"""

from typing import Final

_VERBS = ("Echo", "Pay", "Prompt", "Queue", "Refer", "Sms", "Start", "Stop")
_NOUNS = (
    "Connect/AiSession", "Connect/Autopilot", "Connect/Conversation", "Connect/ConversationRelay",
    "Connect/ConversationRelaySession", "Connect/Room", "Connect/VirtualAgent",
    "Dial/Application", "Dial/Sim", "Dial/Sip/Headers", "Dial/Sip/Uri", "Dial/WhatsApp",
    "Enqueue/Task", "Hangup/Parameter", "Reject/Parameter",
)  # fmt: skip
_DETECTION = (
    "amdStatusCallback", "amdStatusCallbackMethod", "machineDetection", "machineDetectionSilenceTimeout",
    "machineDetectionSpeechEndThreshold", "machineDetectionSpeechThreshold", "machineDetectionTimeout",
)  # fmt: skip
_RECORDING = (
    "record", "recordingConfigurationId", "recordingStatusCallback", "recordingStatusCallbackEvent",
    "recordingStatusCallbackMethod", "trim",
)  # fmt: skip
_ATTRIBUTES = {
    "Connect/Stream": ("audioFormat", "connectorName", "sampleRate"),
    # callReason is on the page of <Dial>, though the library does not write it.
    "Dial": ("callReason", "events", "passports", "recordingTrack", "referMethod", "referUrl", *_RECORDING),
    "Dial/Conference": ("coach", "eventCallbackUrl", "jitterBufferSize", "region", *_RECORDING),
    "Dial/Number": ("byoc", *_DETECTION),
    "Dial/Queue": ("postWorkActivitySid", "reservationSid"),
    "Dial/Sip": _DETECTION,
    "Enqueue": ("workflowSid",),
    "Gather": (
        "bargeIn", "debug", "enhanced", "hints", "language", "maxSpeechTime", "partialResultCallback",
        "partialResultCallbackMethod", "profanityFilter", "speechModel", "speechTimeout",
        "input=speech", "input=dtmf speech", "input=speech dtmf", "timeout=auto",
    ),
    "Record": ("recordingConfigurationId", "transcribe", "transcribeCallback"),
}  # fmt: skip

NOT_SIMULATED: Final = frozenset(
    (*_VERBS, *_NOUNS, *(f"{path}/@{name}" for path, names in _ATTRIBUTES.items() for name in names))
)
