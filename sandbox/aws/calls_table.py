"""The table of calls as `sam deploy` makes it; that it is the template's, tests/deploy compares."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.literals import BillingModeType
    from mypy_boto3_dynamodb.type_defs import AttributeDefinitionTypeDef, KeySchemaElementTypeDef

KEY_SCHEMA: "list[KeySchemaElementTypeDef]" = [
    {"AttributeName": "call_sid", "KeyType": "HASH"},
    {"AttributeName": "item", "KeyType": "RANGE"},
]
ATTRIBUTES: "list[AttributeDefinitionTypeDef]" = [
    {"AttributeName": "call_sid", "AttributeType": "S"},
    {"AttributeName": "item", "AttributeType": "S"},
]
BILLING: "BillingModeType" = "PAY_PER_REQUEST"


def create_calls_table(client: "DynamoDBClient", name: str) -> None:
    client.create_table(TableName=name, KeySchema=KEY_SCHEMA, AttributeDefinitions=ATTRIBUTES, BillingMode=BILLING)
