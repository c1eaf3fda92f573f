"""The table's items: what is written once, and what is refused."""

from typing import TYPE_CHECKING

import pytest

from call_attributes import make_attribute
from call_items import Items, RefusedError
from tests.call_record.conftest import Clock
from tests.lambdas import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALL, KEYS = "CA1", {"call_sid": {"S": "CA1"}, "item": {"S": "thing"}}
EXPIRY = {"expires_at": {"N": str(1_800_000_000 + 7 * 86_400)}}


@pytest.fixture
def items(dynamodb: "DynamoDBClient", clock: Clock) -> Items:
    return Items(dynamodb, TABLE, clock, keep_days=7)


def test_an_item_that_is_not_there_is_its_keys(items: Items) -> None:
    assert items.get(CALL, "thing") == KEYS


def test_a_new_item_is_put_once_and_expires(items: Items) -> None:
    items.add(CALL, "thing", {"status": make_attribute("one")}, new=True)
    with pytest.raises(RefusedError):
        items.add(CALL, "thing", {"status": make_attribute("two")}, new=True)

    assert items.get(CALL, "thing") == KEYS | EXPIRY | {"status": {"S": "one"}}
    assert items.list_under(CALL) == [items.get(CALL, "thing")]


def test_what_is_first_stays_and_what_is_always_is_replaced(items: Items) -> None:
    for value in (1, 2):
        changed = items.change(
            CALL, "thing", first={"opened": make_attribute(value)}, always={"status": make_attribute(value)}
        )

    assert changed == KEYS | EXPIRY | {"opened": {"N": "1"}, "status": {"N": "2"}}


def test_where_the_condition_does_not_hold_nothing_is_written(items: Items) -> None:
    with pytest.raises(RefusedError):
        items.change(
            CALL,
            "thing",
            always={"detail": make_attribute("x")},
            condition="#status = :wanted",
            names=("status",),
            values={":wanted": make_attribute("claimed")},
        )

    assert items.list_under(CALL) == []
