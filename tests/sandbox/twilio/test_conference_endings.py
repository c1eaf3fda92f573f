"""sandbox.twilio.conference_room: what becomes of those who are left when somebody leaves."""

import pytest
from twilio.rest import Client

from sandbox.twilio import Carrier, answers
from sandbox.twilio.events import ConferenceJoined, ConferenceLeft
from tests.sandbox.twilio.application import PERSON, Application
from tests.sandbox.twilio.conference_calls import QUIET, have_joined, make_room, ring
from tests.sandbox.twilio.scripts import HANG_UP, dial_in, stays

END = 'endConferenceOnExit="true"'


@pytest.mark.parametrize(
    ("caller_ends", "person_ends", "first", "other_goes_on"),
    [
        (False, True, "person", True),
        (False, True, "caller", False),
        (True, True, "person", True),
        (True, True, "caller", True),
        (True, False, "person", False),
        (True, False, "caller", True),
        (False, False, "person", False),
        (False, False, "caller", False),
    ],
)
async def test_who_leaves_first_decides_what_the_other_does(
    carrier: Carrier,
    client: Client,
    application: Application,
    *,
    caller_ends: bool,
    person_ends: bool,
    first: str,
    other_goes_on: bool,
) -> None:
    """The other goes on at its action, or stays alone in the room."""
    application.answers |= {"/incoming": make_room(f"{QUIET} {END if caller_ends else ''}"), "/after": HANG_UP}
    carrier.people[PERSON] = answers(stays, after_ms=100)
    caller = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    person = carrier.calls[await ring(client, make_room(f"{QUIET} {END if person_ends else ''}"))]
    await carrier.events.wait_for(ConferenceJoined, have_joined(carrier, 2))
    goes, other = (person, caller) if first == "person" else (caller, person)
    goes.hang_up("party")
    await goes.wait_for_end()
    if not other_goes_on:
        assert len(carrier.events.of(ConferenceLeft)) == 1
        other.hang_up("api")
    report = await other.wait_for_end()

    assert report.ended_by == ("document" if other_goes_on else "api")
    assert {form["DialCallStatus"] for form in application.list_forms("/after")} == {"answered"}


async def test_a_room_that_has_ended_is_not_joined_again(
    carrier: Carrier, client: Client, application: Application
) -> None:
    """Though those who drop out may still be on their way."""
    application.answers |= {"/incoming": make_room(), "/after": make_room(name="talk")}
    carrier.people[PERSON] = answers(stays, after_ms=100)
    caller = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    person = carrier.calls[await ring(client, make_room(f"{QUIET} {END}"))]
    await carrier.events.wait_for(ConferenceJoined, have_joined(carrier, 2))
    person.hang_up("party")
    await carrier.events.wait_for(ConferenceJoined, have_joined(carrier, 3))
    caller.hang_up("api")
    report = await caller.wait_for_end()

    assert len([event for event in report.events if isinstance(event.what, ConferenceJoined)]) == 2


async def test_who_is_in_a_talk_is_known_to_their_phone(
    carrier: Carrier, client: Client, application: Application
) -> None:
    application.answers |= {"/incoming": make_room(), "/after": "<Response/>"}
    carrier.people[PERSON] = answers(stays, after_ms=100)
    call = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    alone = call.phone.bridged.is_set()
    await ring(client, make_room())
    await call.phone.bridged.wait()
    await carrier.people[PERSON].phones[0].bridged.wait()
    call.hang_up("api")

    assert not alone
