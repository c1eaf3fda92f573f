"""Everybody whom a directory rings, by the words in which the caller hears of them."""

from console.local.people import People, read_people
from sandbox.demo.call import DIRECTORY

TEXT = """
time_zone = "Europe/London"
caller_id = "+15550100000"
business_number = "+15550100009"
sms_from = "+15550100000"

[[destination]]
name = "front_desk"
description = "Anna"
spoken = "Anna at the front desk"
targets = ["+15550100002"]

[[destination]]
name = "night_service"
description = "Whoever is on duty"
targets = ["client:anna", "sip:duty@pbx.example.com;transport=tls", "+15550100002"]

[[destination]]
name = "support"
description = "The next free person"
targets = ["queue:support"]
"""


def test_everybody_whom_the_directory_rings_has_a_name() -> None:
    assert read_people(TEXT) == People(
        names={
            "+15550100002": "Anna at the front desk, Night service (3)",
            "client:anna": "Night service (1)",
            "sip:duty@pbx.example.com": "Night service (2)",
        },
        queues=("support",),
        own_numbers=("+15550100009", "+15550100000"),
    )


def test_the_people_of_the_demo_are_read() -> None:
    assert read_people(DIRECTORY.read_text()).names == {
        "+15550100002": "Anna at the front desk",
        "+15550100003": "The workshop",
    }
