"""What the `statusCallback` of a conference is told: that it starts and ends, who joins and who leaves.

https://www.twilio.com/docs/voice/twiml/conference#statuscallback: the first participant's URL, method and events hold
for the conference, and those of later ones are ignored without an error. Believed: a conference that ends because its
last participant is hung up by REST has the reason of one that hangs up; the words of `Reason`.
"""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal

from sandbox.twilio.calls import Call
from sandbox.twilio.commands import Callback
from sandbox.twilio.conference_room import ConferenceRoom, Participant
from sandbox.twilio.nouns import Conference
from sandbox.twilio.twiml import Document

Left = Literal[
    "participant_hung_up", "participant_updated_via_api", "moderator_ended_conference", "participant_add_failed"
]
_REASONS = {
    "last-participant-left": "The last participant left the conference",
    "participant-with-end-conference-on-exit-left": "A participant with endConferenceOnExit left the conference",
}


def read_callback(noun: Conference, document: Document) -> Callback | None:
    """Where the conference that this participant opens is reported."""
    if noun.status_callback is None:
        return None
    events = frozenset(noun.status_callback_event.split())
    return Callback(document.to_absolute(noun.status_callback), noun.status_callback_method, events)


def report_join(call: Call, participant: Participant) -> None:
    _report(call, participant.room, "join", "participant-join", _make_parameters(participant))


def report_start(call: Call, room: ConferenceRoom) -> None:
    """`call` has let it start."""
    _report(call, room, "start", "conference-start", {})


def report_leave(call: Call, participant: Participant, reason: Left) -> None:
    left = {"ParticipantCallStatus": call.status, "ReasonParticipantLeft": reason}
    _report(call, participant.room, "leave", "participant-leave", _make_parameters(participant) | left)


def report_end(call: Call, room: ConferenceRoom, ending: Participant) -> None:
    """`call` was the last one in it; `ending` has ended it."""
    moderated = ending.noun.end_conference_on_exit
    why = "participant-with-end-conference-on-exit-left" if moderated else "last-participant-left"
    parameters = {
        "CallSidEndingConference": ending.call_sid,
        "ReasonConferenceEnded": why,
        "Reason": _REASONS[why],
    }
    if ending.noun.participant_label is not None:
        parameters["ParticipantLabelEndingConference"] = ending.noun.participant_label
    _report(call, room, "end", "conference-end", parameters)


def _report(call: Call, room: ConferenceRoom, event: str, full_name: str, about: dict[str, str]) -> None:
    """To the status callback, if it asked for `event`; `call` has brought it about."""
    if room.callback is None or event not in room.callback.events:
        return
    parameters = {
        "AccountSid": call.network.account_sid,
        "ConferenceSid": room.sid,
        "FriendlyName": room.name,
        "StatusCallbackEvent": full_name,
        "SequenceNumber": str(room.callbacks_sent),
        "Timestamp": format_datetime(datetime.now(UTC)),
    }
    room.callbacks_sent += 1
    call.post(room.callback.method, room.callback.url, parameters | about)


def _make_parameters(participant: Participant) -> dict[str, str]:
    noun = participant.noun
    parameters = {
        "CallSid": participant.call_sid,
        "Muted": str(noun.muted).lower(),
        "Hold": "false",
        "Coaching": "false",
        "StartConferenceOnEnter": str(noun.start_conference_on_enter).lower(),
        "EndConferenceOnExit": str(noun.end_conference_on_exit).lower(),
    }
    if noun.participant_label is not None:
        parameters["ParticipantLabel"] = noun.participant_label
    return parameters
