"""What Twilio does and this carrier does not: the one table of it.

TwiML is named as XPath from `<Response>`; what is inside of such an element is not simulated either. With "=" one value
is meant, and the others are simulated. In the REST API there are whole resources ("Conferences"), operations with "*"
for a sid ("GET Messages"), and parameters of operations ("POST Calls?Record").
`tests/sandbox/twilio/test_not_simulated_*.py` compare the table with all that the twilio library can write and ask for.
"""

from typing import Final

_VERBS = ("Echo", "Pay", "Prompt", "Queue", "Sms")
_NOUNS = (
    "Connect/AiSession", "Connect/Autopilot", "Connect/Conversation", "Connect/ConversationRelay",
    "Connect/ConversationRelaySession", "Connect/Room", "Connect/VirtualAgent",
    "Dial/Sim", "Dial/Sip/Headers", "Dial/Sip/Uri", "Dial/WhatsApp",
    "Start/Siprec", "Start/Transcription",
    "Stop/Siprec", "Stop/Transcription",
)  # fmt: skip
_DETECTION = (
    "machineDetection=DetectMessageEnd", "machineDetectionSilenceTimeout", "machineDetectionSpeechEndThreshold",
    "machineDetectionSpeechThreshold", "machineDetectionTimeout",
)  # fmt: skip
_RECORDING = (
    "record", "recordingConfigurationId", "recordingStatusCallback", "recordingStatusCallbackEvent",
    "recordingStatusCallbackMethod", "trim",
)  # fmt: skip
_STREAM = ("audioFormat", "connectorName", "sampleRate")
_ATTRIBUTES = {
    "Connect/Stream": _STREAM,
    # callReason is on the page of <Dial>, though the library does not write it.
    "Dial": ("callReason", "events", "passports", "recordingTrack", "referMethod", "referUrl", *_RECORDING),
    "Dial/Application": ("method", "url"),  # The library writes them, but no page says what they do.
    "Dial/Conference": ("coach", "eventCallbackUrl", "recordingConfigurationId", "region"),
    "Dial/Number": ("byoc", *_DETECTION),
    "Dial/Queue": ("postWorkActivitySid", "reservationSid"),
    "Dial/Sip": _DETECTION,
    "Gather": (
        "bargeIn", "debug", "maxSpeechTime", "partialResultCallback", "partialResultCallbackMethod", "timeout=auto",
    ),
    "Start": ("action", "method"),
    "Start/Recording": ("recordingConfigurationId",),
    "Start/Stream": _STREAM,
    "Stop/Stream": _STREAM,
    "Record": ("recordingConfigurationId", "transcribe", "transcribeCallback"),
}  # fmt: skip

TWIML: Final = frozenset(
    (*_VERBS, *_NOUNS, *(f"{path}/@{name}" for path, names in _ATTRIBUTES.items() for name in names))
)

_RESOURCES = (
    "Addresses", "Archives", "AuthorizedConnectApps", "AvailablePhoneNumbers", "Balance",
    "BulkCountryUpdates", "ByocTrunks", "Calls/*/Events", "Calls/*/Notifications", "Calls/*/Payments",
    "Calls/*/Recordings", "Calls/*/Siprec", "Calls/*/Streams", "Calls/*/Transcriptions",
    "Calls/*/UserDefinedMessageSubscriptions", "Calls/*/UserDefinedMessages", "Conferences", "ConnectApps",
    "ConnectionPolicies", "IncomingPhoneNumbers/*/AssignedAddOns", "IncomingPhoneNumbers/Local",
    "IncomingPhoneNumbers/Mobile", "IncomingPhoneNumbers/TollFree", "IpRecords", "Keys", "Messages/*", "Notifications",
    "OutgoingCallerIds/*", "Queues", "Recordings/*/AddOnResults", "Recordings/*/Transcriptions", "SIP", "SMS",
    "Settings", "SigningKeys", "SourceIpMappings", "Tokens", "Transcriptions", "Usage",
)  # fmt: skip
_OPERATIONS = (
    "GET Accounts", "POST Accounts", "POST Accounts/*", "GET Countries/*",
    "POST IncomingPhoneNumbers", "GET IncomingPhoneNumbers/*", "DELETE IncomingPhoneNumbers/*", "GET Messages",
    "POST OutgoingCallerIds", "GET Recordings/*",
)  # fmt: skip
_APPLICATION = (
    "ApiVersion", "MessageStatusCallback", "SmsFallbackMethod", "SmsFallbackUrl", "SmsMethod", "SmsStatusCallback",
    "SmsUrl", "StatusCallback", "StatusCallbackMethod", "VoiceCallerIdLookup",
)  # fmt: skip
_PARAMETERS = {
    "POST Applications": _APPLICATION,
    "POST Applications/*": _APPLICATION,
    "POST Calls": (
        "ApplicationSid", "Byoc", "CallReason", "CallerId", "ClientNotificationUrl",
        "MachineDetection=DetectMessageEnd", "Passports",
        "Record", "RecordingChannels", "RecordingConfigurationId", "RecordingStatusCallback",
        "RecordingStatusCallbackEvent", "RecordingStatusCallbackMethod", "RecordingTrack", "SendDigits",
        "SipAuthPassword", "SipAuthUsername", "Trim",
    ),
    "POST Calls/*": ("StatusCallback", "StatusCallbackMethod"),
    "GET Countries": (
        "Continent", "CountryCode", "HighRiskSpecialNumbersEnabled", "HighRiskTollfraudNumbersEnabled", "IsoCode",
        "LowRiskNumbersEnabled",
    ),
    "GET IncomingPhoneNumbers": ("Beta", "FriendlyName", "Origin", "PhoneNumber"),
    "POST IncomingPhoneNumbers/*": (
        "AccountSid", "AddressSid", "ApiVersion", "BundleSid", "EmergencyAddressSid", "EmergencyStatus", "FriendlyName",
        "IdentitySid", "SmsApplicationSid", "SmsFallbackMethod", "SmsFallbackUrl", "SmsMethod", "SmsUrl",
        "StatusCallback", "StatusCallbackMethod", "TrunkSid", "VoiceApplicationSid", "VoiceCallerIdLookup",
        "VoiceReceiveMode",
    ),
    "POST Messages": (
        "AddressRetention", "ApplicationSid", "Attempt", "ContentRetention", "ContentSid", "ContentVariables",
        "FallbackFrom", "ForceDelivery", "MaxPrice", "MediaUrl", "MessageIntent", "MessagingServiceSid",
        "PersistentAction", "ProvideFeedback", "RiskCheck", "ScheduleType", "SendAsMms", "SendAt", "ShortenUrls",
        "SmartEncoded", "TrafficType", "ValidityPeriod",
    ),
    "GET OutgoingCallerIds": ("FriendlyName", "PhoneNumber"),
    "GET Recordings": (
        "ConferenceSid", "DateCreated", "DateCreated<", "DateCreated>", "IncludeSoftDeleted",
    ),
}  # fmt: skip

REST: Final = frozenset(
    (
        *_RESOURCES,
        *_OPERATIONS,
        *(f"{operation}?{name}" for operation, names in _PARAMETERS.items() for name in names),
    )
)

SOUNDS: Final = frozenset(
    f"Play of {kind}"
    for kind in (
        "audio/aiff", "audio/gsm", "audio/mpeg", "audio/x-aifc", "audio/x-aiff", "audio/x-gsm",
        "a WAV that is not mono, 16 bit, 8 kHz",
    )
)  # fmt: skip
"""https://www.twilio.com/docs/voice/twiml/play: the media types that Twilio plays."""

ANSWERS: Final = frozenset({"a redirect of a web server", "a hang-up in the document of a waitUrl"})
"""What an application may answer."""
