"""The states of the service's own answer."""

from collections.abc import Callable

import pytest

from socket_server.core.own_answer import OwnAnswer

NONE, COMING, UNWANTED, BOTH = OwnAnswer.NONE, OwnAnswer.COMING, OwnAnswer.UNWANTED, OwnAnswer.UNWANTED_COMING


@pytest.mark.parametrize(
    ("change", "leads_to"),
    [
        # from:              NONE    COMING    UNWANTED  BOTH
        (OwnAnswer.hold, (NONE, UNWANTED, NONE, UNWANTED)),
        (OwnAnswer.release, (NONE, COMING, NONE, COMING)),
        (OwnAnswer.expect, (COMING, COMING, BOTH, BOTH)),
        (OwnAnswer.give_up, (NONE, NONE, UNWANTED, UNWANTED)),
    ],
)
def test_each_change_leads_from_each_state_to_the_one_in_the_table(
    change: Callable[[OwnAnswer], OwnAnswer], leads_to: tuple[OwnAnswer, ...]
) -> None:
    assert tuple(change(each) for each in OwnAnswer) == leads_to


def test_a_request_waits_for_an_answer_that_is_coming_wanted_or_not() -> None:
    assert [(each.coming, each.unwanted) for each in OwnAnswer] == [
        (False, False),
        (True, False),
        (False, True),
        (True, True),
    ]
