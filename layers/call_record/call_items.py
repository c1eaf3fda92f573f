"""The items of the table: reads those of a call, puts a new one, changes one. Each write is one atomic request.

Table: partition key `call_sid` (S; of a call, or another key in its place), sort key `item` (S), time to live
`expires_at`, index `call_index`. `call_rows` has the content of an item.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from call_attributes import Attribute, Attributes, make_attribute, read_call
from call_rows import Call

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef

SECONDS_A_DAY = 86_400
KEEP_DAYS, MAX_KEEP_DAYS = 30, 365
"""How long an item is kept after its last change: the default, and the most that can be set."""


class RefusedError(Exception):
    """The item does not meet the condition, or it exists already."""


class DeletedError(RefusedError):
    """Somebody has deleted what was stored about the caller (`caller_data`): nothing was written."""


class Items:
    """The items of all calls. Every method raises what the client raises when the table cannot be reached."""

    def __init__(self, client: "DynamoDBClient", table_name: str, now: Callable[[], float], keep_days: int) -> None:
        self._client = client
        self._table_name = table_name
        self._now = now
        self._keep_s = keep_days * SECONDS_A_DAY

    @property
    def now_ms(self) -> int:
        return int(self._now() * 1000)

    def list_under(self, key: str) -> list[Attributes]:
        """Every item under one partition key, read consistently, in the order of `item`."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="call_sid = :call_sid",
            ExpressionAttributeValues={":call_sid": make_attribute(key)},
            ConsistentRead=True,
        )
        return [row for page in pages for row in page["Items"]]

    def list_beginning(self, key: str, prefix: str) -> list[Attributes]:
        """The items under the partition key whose `item` begins with the prefix, as `list_under`."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="call_sid = :call_sid AND begins_with(#item, :prefix)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues={":call_sid": make_attribute(key), ":prefix": make_attribute(prefix)},
            ConsistentRead=True,
        )
        return [row for page in pages for row in page["Items"]]

    def get(self, call_sid: str, item: str) -> Attributes:
        """One item, read consistently; its keys alone if there is none."""
        keys = self._make_key(call_sid, item)
        answer = self._client.get_item(TableName=self._table_name, Key=keys, ConsistentRead=True)
        return answer.get("Item", keys)

    def add(self, call_sid: str, item: str, row: Attributes, *, new: bool = False, keep_s: int | None = None) -> None:
        """Put the item. `new`: raises `RefusedError` if there is one. `keep_s`: None, as long as all others."""
        whole = self._make_key(call_sid, item) | dict(row) | self._make_expiry(keep_s)
        if not new:
            self._client.put_item(TableName=self._table_name, Item=whole)
            return
        try:
            self._client.put_item(
                TableName=self._table_name, Item=whole, ConditionExpression="attribute_not_exists(call_sid)"
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            raise RefusedError from None

    def change(
        self,
        call_sid: str,
        item: str,
        *,
        first: Attributes | None = None,
        always: Attributes | None = None,
        condition: str | None = None,
        names: tuple[str, ...] = (),
        values: Attributes | None = None,
        late: bool = False,
    ) -> Attributes:
        """Set attributes, those in `first` only where they are missing; returns the whole item, new or changed.

        `condition` may use `#name` for each of `names`, and the keys of `values`. If it does not hold, nothing is
        written and `RefusedError` is raised. `late`: it may come after a deletion; raises also `DeletedError`.
        """
        request = self._request(call_sid, item, first or {}, {**(always or {}), **self._make_expiry()})
        request["ExpressionAttributeNames"] = {
            **request["ExpressionAttributeNames"],
            **{f"#{name}": name for name in names},
        }
        request["ExpressionAttributeValues"] = {**request["ExpressionAttributeValues"], **(values or {})}
        if condition:
            request["ConditionExpression"] = condition
        try:
            row = self._client.update_item(**request)["Attributes"]
        except self._client.exceptions.ConditionalCheckFailedException:
            raise RefusedError from None
        written = (*(first or {}), *(always or {}))
        if late and row.keys() <= {*written, "call_sid", "item", "expires_at"}:  # it was not there before
            self.erase_if_deleted(call_sid, item, written)
        return row

    def erase_if_deleted(self, call_sid: str, item: str, names: tuple[str, ...]) -> Call:
        """To be called after these attributes of a new item were written. Raises `DeletedError`. Returns the call.

        A deletion marks the call before it looks for the call's items, and every read is consistent. So it finds the
        item, or the mark is found here.
        """
        call = read_call(self.get(call_sid, "call"))
        if call.deleted_at_ms:
            self.remove(call_sid, item, names, keep_s=0)
            raise DeletedError
        return call

    def remove(self, call_sid: str, item: str, names: tuple[str, ...], *, keep_s: int | None = None) -> None:
        """Remove these attributes of the item, if it exists. `keep_s`: None, the rest is kept as long as all others."""
        expiry = self._make_expiry(keep_s)
        with suppress(self._client.exceptions.ConditionalCheckFailedException):  # it has expired
            self._client.update_item(
                TableName=self._table_name,
                Key=self._make_key(call_sid, item),
                UpdateExpression=f"REMOVE {', '.join(f'#{name}' for name in names)} SET #expires_at = :expires_at",
                ConditionExpression="attribute_exists(call_sid)",
                ExpressionAttributeNames={f"#{name}": name for name in (*names, *expiry)},
                ExpressionAttributeValues={f":{name}": value for name, value in expiry.items()},
            )

    def _request(self, call_sid: str, item: str, first: Attributes, always: Attributes) -> "UpdateItemInputTypeDef":
        sets = [f"#{name} = if_not_exists(#{name}, :{name})" for name in first]
        sets += [f"#{name} = :{name}" for name in always]
        changed = {**first, **always}
        return {
            "TableName": self._table_name,
            "Key": self._make_key(call_sid, item),
            "UpdateExpression": "SET " + ", ".join(sets),
            # Aliases throughout: `status` and others are reserved words of the expression language.
            "ExpressionAttributeNames": {f"#{name}": name for name in changed},
            "ExpressionAttributeValues": {f":{name}": value for name, value in changed.items()},
            "ReturnValues": "ALL_NEW",
        }

    def _make_key(self, call_sid: str, item: str) -> dict[str, Attribute]:
        return {"call_sid": make_attribute(call_sid), "item": make_attribute(item)}

    def _make_expiry(self, keep_s: int | None = None) -> dict[str, Attribute]:
        return {"expires_at": make_attribute(int(self._now()) + (self._keep_s if keep_s is None else keep_s))}
