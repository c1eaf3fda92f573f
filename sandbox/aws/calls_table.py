"""The table of calls as `sam deploy` makes it; that it is the template's, tests/deploy compares."""

from typing import TYPE_CHECKING

import call_index

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.literals import BillingModeType
    from mypy_boto3_dynamodb.type_defs import (
        AttributeDefinitionTypeDef,
        GlobalSecondaryIndexTypeDef,
        KeySchemaElementTypeDef,
    )

KEY_SCHEMA: "list[KeySchemaElementTypeDef]" = [
    {"AttributeName": "call_sid", "KeyType": "HASH"},
    {"AttributeName": "item", "KeyType": "RANGE"},
]
ATTRIBUTES: "list[AttributeDefinitionTypeDef]" = [
    {"AttributeName": "call_sid", "AttributeType": "S"},
    {"AttributeName": "item", "AttributeType": "S"},
    {"AttributeName": call_index.DAY, "AttributeType": "S"},
    {"AttributeName": call_index.AT_MS, "AttributeType": "N"},
]
INDEXES: "list[GlobalSecondaryIndexTypeDef]" = [
    {
        "IndexName": call_index.NAME,
        "KeySchema": [
            {"AttributeName": call_index.DAY, "KeyType": "HASH"},
            {"AttributeName": call_index.AT_MS, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(call_index.COPIED)},
    }
]
BILLING: "BillingModeType" = "PAY_PER_REQUEST"


def create_calls_table(client: "DynamoDBClient", name: str) -> None:
    client.create_table(
        TableName=name,
        KeySchema=KEY_SCHEMA,
        AttributeDefinitions=ATTRIBUTES,
        GlobalSecondaryIndexes=INDEXES,
        BillingMode=BILLING,
    )
