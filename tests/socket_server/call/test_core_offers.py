"""The core's own tools, as the model is offered them."""

import pytest

from socket_server.call.core_offers import ATTENDED, CORE_TOOLS, DIRECT, MIXED, list_core_offers
from socket_server.core.tool_offers import Destination

SALES = Destination("sales", "New bicycles.", open=True, mode="attended")
WORKSHOP = Destination("workshop", "Repairs.", open=True)


def test_destinations_are_offered_by_name_with_who_is_there() -> None:
    people = [
        Destination("sales", "New bicycles.", open=True, opens_at="ignored"),
        Destination("workshop", "Repairs.", open=False, opens_at="2026-11-23T09:00:00+01:00"),
        Destination("office", "Bills.", open=False),
    ]

    offer = list_core_offers(people)[0]

    assert offer.parameters["properties"]["destination"]["enum"] == ["sales", "workshop", "office"]  # type: ignore[call-overload, index]  # JSON
    assert offer.description.endswith(
        " There are:\n- sales: New bicycles."
        "\n- workshop: Repairs. (closed now, opens 2026-11-23T09:00:00+01:00)"
        "\n- office: Bills. (closed now)"
    )


def test_where_the_destinations_are_not_known_any_may_be_named() -> None:
    offer = list_core_offers([])[0]

    assert "enum" not in offer.parameters["properties"]["destination"]  # type: ignore[call-overload, index, operator]  # JSON
    assert "There are" not in offer.description


@pytest.mark.parametrize(
    ("people", "how", "names"),
    [
        ([WORKSHOP], DIRECT, ["transfer_to_human", "end_call"]),
        ([], DIRECT, ["transfer_to_human", "end_call"]),
        ([SALES], ATTENDED, [*CORE_TOOLS]),
        ([WORKSHOP, SALES], MIXED, [*CORE_TOOLS]),
    ],
)
def test_where_the_caller_stays_the_model_learns_it_and_may_cancel(
    people: list[Destination], how: str, names: list[str]
) -> None:
    offers = list_core_offers(people)

    assert [offer.name for offer in offers] == names
    assert how in offers[0].description


def test_a_person_who_is_rung_is_marked_where_the_modes_are_mixed() -> None:
    assert list_core_offers([WORKSHOP, SALES])[0].description.endswith(
        "There are:\n- workshop: Repairs.\n- sales (the caller stays): New bicycles."
    )


@pytest.mark.parametrize(("people", "brief"), [([WORKSHOP], set()), ([SALES], {"who", "about", "done"})])
def test_a_brief_is_asked_for_where_a_person_hears_it(people: list[Destination], brief: set[str]) -> None:
    parameters = list_core_offers(people)[0].parameters

    assert isinstance(parameters["properties"], dict)
    assert parameters["properties"].keys() == {"destination", "reason", "summary", *brief}
    assert parameters["required"] == ["destination", "reason", "summary"]
