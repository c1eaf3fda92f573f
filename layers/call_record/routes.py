"""The paths that Twilio requests: the webhooks serve them, and URLs in TwiML lead to them. Each is for POST only.

They follow the origin, and the path that may stand before the API. `template.yaml` gives each to API Gateway, which a
test compares; the sandbox reads them here.
"""

INCOMING = "/voice/incoming"
AFTER_STREAM = "/voice/after-stream"
STREAM_STATUS = "/voice/stream-status"
AFTER_DIAL = "/voice/after-dial"
QUEUE_WAIT = "/voice/queue-wait"
# What became of an SMS that tells somebody of a missed call or a message.
MESSAGE_STATUS = "/voice/message-status"
# About somebody who is rung.
AGENT_LEG = "/voice/agent-leg"
AGENT_ANSWER = "/voice/agent-answer"
AGENT_STATUS = "/voice/agent-status"
# The same, while the caller talks on with the model: what they say for the caller, what they hear until the caller
# comes, and that they are in the conference no more.
AGENT_NOTE = "/voice/agent-note"
AGENT_WAIT = "/voice/agent-wait"
AGENT_LEFT = "/voice/agent-left"

ABOUT_LEGS = (AGENT_LEG, AGENT_ANSWER, AGENT_STATUS, AGENT_NOTE, AGENT_WAIT, AGENT_LEFT)
ROUTES = (INCOMING, AFTER_STREAM, STREAM_STATUS, AFTER_DIAL, QUEUE_WAIT, MESSAGE_STATUS, *ABOUT_LEGS)

# With this end of a URL, Twilio repeats a failed request, once and at once, after any failure. Without it, only if it
# could not connect. Twilio reads it and does not send it:
# https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
ASK_AGAIN = "#rp=all"
