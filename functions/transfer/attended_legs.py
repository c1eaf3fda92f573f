"""The legs of an attended attempt: which are over, and how those end that are left over."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

import routes
from call_record import Attempt, Leg
from dial import render_say

if TYPE_CHECKING:  # Twilio's library is not imported before it is needed
    from twilio_legs import TwilioLegs

PASSES = "2"
TAKEN = "Somebody else has taken this call. Goodbye."
LEFT = "The caller is no longer waiting. Goodbye."
NOT_CONNECTED = "I am sorry, the caller could not be connected. Goodbye."


def is_over(legs: Sequence[Leg], target: int) -> bool:
    """Nobody answers there any more. A target without a row is about to be rung."""
    found = [leg for leg in legs if leg.target == target]
    return bool(found) and all(leg.completed_at_ms or leg.key == PASSES for leg in found)


def end_left_over(attempt: Attempt, legs: Sequence[Leg], calls: "TwilioLegs", until: float) -> None:
    """End all legs but the one that has the call, and those that say goodbye already."""
    waits = attempt.accepted_by if attempt.status in ("accepted", "moved") or attempt.decision else None
    leaving = [leg.leg_sid for leg in legs if leg.key == PASSES or leg.note]
    end_all(attempt, [leg for leg in legs if leg.leg_sid not in (waits, *leaving)], calls, until)


def end_all(attempt: Attempt, legs: Sequence[Leg], calls: "TwilioLegs", until: float) -> None:
    """End all legs; somebody who has picked up hears why."""
    for leg in legs:
        if leg.completed_at_ms:
            continue
        there = leg.answered_at_ms or leg.brief_at_ms
        calls.end(leg.leg_sid, render_say(_explain(attempt, leg)) if there else "", until)


def render_way_back(voice_url: str, request_id: str) -> str:
    """For a caller who waits alone for a person: the webhook decides what comes next."""
    url = f"{voice_url}{routes.AFTER_DIAL}?attempt={quote(request_id, safe='')}&alone=yes"
    return f'<Response><Redirect method="POST">{escape(url)}</Redirect></Response>'


def _explain(attempt: Attempt, leg: Leg) -> str:
    if attempt.accepted_by == leg.leg_sid:
        return NOT_CONNECTED if attempt.status == "failed" else LEFT
    return TAKEN if attempt.accepted_by or attempt.status == "answered_through" else LEFT
