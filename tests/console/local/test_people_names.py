"""People are called as the caller hears of them."""

import pytest

from console.local.people_names import read_names

DIRECTORY = """
[[destination]]
name = "front_desk"
spoken = "Maria at the front desk"
targets = ["+15550100002"]

[[destination]]
name = "night_service"
targets = ["client:anna", "client:ben", "+15550100002"]
"""


def test_a_person_has_the_words_of_their_destination() -> None:
    assert read_names(DIRECTORY) == {
        "+15550100002": "Maria at the front desk",
        "client:anna": "Night service (1)",
        "client:ben": "Night service (2)",
    }


@pytest.mark.parametrize("text", ["", "destination = 1", "[[destination]\n", "[[destination]]\ntargets = 3"])
def test_a_directory_that_is_wrong_names_nobody(text: str) -> None:
    assert read_names(text) == {}
