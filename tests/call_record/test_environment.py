"""What every function reads of its environment in the same way; each function's own test has the rest."""

import pytest

from environment import read_service_name


@pytest.mark.parametrize(
    ("environment", "name"),
    [({}, "warmline"), ({"POWERTOOLS_SERVICE_NAME": " "}, "warmline"), ({"POWERTOOLS_SERVICE_NAME": "prod"}, "prod")],
)
def test_metrics_belong_to_the_stack(environment: dict[str, str], name: str) -> None:
    assert read_service_name(environment) == name
