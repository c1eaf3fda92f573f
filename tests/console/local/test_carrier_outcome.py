"""What became of a call and its legs, by the carrier's events."""

from collections.abc import Sequence

import pytest

from console.call_view import AttemptView, LegView, Outcome
from console.local.carrier_outcome import CarrierOutcome
from sandbox.twilio import events

CALL, LEG, PERSON = "CA" + "0" * 32, "CA" + "1" * 32, "+15550100002"
DIALLED = events.CallStarted("+15550100001", "+15550100000", "inbound", None)
RUNG = events.CallStarted("+15550100001", PERSON, "outbound-dial", CALL)
ANSWERED, ENDED, BRIDGED = events.Answered(""), events.CallEnded("completed", 0), events.Bridged(LEG, PERSON)

REFUSED, BROKE_OFF = events.ErrorLogged(11205, "no connection"), events.HungUp("failure")


def follow(happened: Sequence[tuple[str, events.Event]]) -> CarrierOutcome:
    """These happen a second apart."""
    outcome = CarrierOutcome(CALL)
    for number, (sid, what) in enumerate(happened):
        outcome.take(sid, what, number * 1000)
    return outcome


def test_a_call_that_broke_has_failed() -> None:
    outcome = follow([(CALL, DIALLED), (CALL, ANSWERED), (CALL, events.CallBroke("defect")), (CALL, ENDED)])

    assert outcome.over
    assert outcome.describe({})[0] == "failed"


@pytest.mark.parametrize(
    ("happened", "over", "ended_at_ms"),
    [
        ([], False, None),
        ([(CALL, DIALLED)], False, None),
        ([(CALL, DIALLED), (LEG, RUNG), (CALL, ENDED)], False, 2000),
        ([(CALL, DIALLED), (LEG, RUNG), (CALL, ENDED), (LEG, ENDED)], True, 2000),
        ([(CALL, DIALLED), ("CA9", ENDED), ("CA9", ANSWERED)], False, None),
    ],
)
def test_a_call_is_over_with_its_last_leg(
    happened: list[tuple[str, events.Event]], ended_at_ms: int | None, *, over: bool
) -> None:
    outcome = follow(happened)

    assert (outcome.over, outcome.ended_at_ms) == (over, ended_at_ms)


def test_the_record_is_told_which_telephone_was_rung_and_when() -> None:
    outcome = follow([(CALL, DIALLED), (LEG, RUNG), (LEG, events.Ringing(PERSON)), (LEG, ANSWERED), (LEG, ENDED)])
    late = LegView(sid=LEG, to="", rung_at_ms=9000, outcome="took the call")
    unknown = LegView(sid="CA9", to="", rung_at_ms=7)
    attempt = AttemptView(request_id="r", at_ms=0, destination="", status="bridged", outcome="", legs=(late, unknown))

    [corrected] = outcome.correct((attempt,))

    assert corrected.legs == (
        LegView(
            sid=LEG,
            to=PERSON,
            rung_at_ms=2000,
            answered_at_ms=3000,
            ended_at_ms=4000,
            outcome="took the call",
        ),
        unknown,
    )


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        ([(CALL, DIALLED), (CALL, ENDED)], ("failed", "was not answered")),
        ([(CALL, DIALLED), (CALL, ANSWERED), (CALL, ENDED)], ("answered", "ended after 1 s")),
        (
            [(CALL, DIALLED), (CALL, ANSWERED), (CALL, REFUSED), (CALL, BROKE_OFF), (CALL, ENDED)],
            ("failed", "broke off: Twilio logged error 11205"),
        ),
        ([(CALL, DIALLED), (CALL, ANSWERED), (CALL, BROKE_OFF), (CALL, ENDED)], ("failed", "broke off")),
        ([(CALL, DIALLED), (CALL, ANSWERED), (LEG, BROKE_OFF), (CALL, ENDED)], ("answered", "ended after 2 s")),
        (
            [(CALL, DIALLED), (CALL, ANSWERED), (CALL, BRIDGED), (CALL, BROKE_OFF), (CALL, ENDED)],
            ("talked", "talked with Maria"),
        ),
        (
            [(CALL, DIALLED), (CALL, ANSWERED), (LEG, RUNG), (CALL, BRIDGED), (CALL, ENDED)],
            ("talked", "talked with Maria"),
        ),
    ],
)
def test_of_a_call_without_a_record_the_carrier_says_how_it_ended(
    happened: list[tuple[str, events.Event]], expected: tuple[Outcome, str]
) -> None:
    assert follow(happened).describe({PERSON: "Maria"}) == expected
