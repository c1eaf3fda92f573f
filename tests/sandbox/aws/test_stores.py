"""The table and the secret, through an unmodified SDK."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from sandbox.aws.cloud import Cloud
from sandbox.aws.faults import Fails, Fault, Silent, Slow, Throttles

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

IMPATIENT = Config(retries={"total_max_attempts": 1}, read_timeout=0.5)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud() as running:
        yield running


@pytest.fixture
def session(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.session.Session]:
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    yield boto3.session.Session()
    cloud.dynamodb.fault = None


@pytest.fixture
def table(session: boto3.session.Session) -> Iterator["DynamoDBClient"]:
    client = session.client("dynamodb", config=Config(max_pool_connections=20))
    client.create_table(
        TableName="calls",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "call_sid", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "call_sid", "KeyType": "HASH"}],
    )
    yield client
    client.delete_table(TableName="calls")
    client.close()


def claim(client: "DynamoDBClient", call_sid: str) -> bool:
    try:
        client.put_item(
            TableName="calls",
            Item={"call_sid": {"S": call_sid}},
            ConditionExpression="attribute_not_exists(call_sid)",
        )
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def test_one_of_many_claims_wins(table: "DynamoDBClient") -> None:
    with ThreadPoolExecutor(10) as threads:
        for round_ in range(5):
            won = list(threads.map(lambda _, sid=str(round_): claim(table, sid), range(10)))
            assert won.count(True) == 1


def test_a_secret_is_kept(session: boto3.session.Session) -> None:
    client = session.client("secretsmanager")
    client.create_secret(Name="warmline", SecretString="{}")
    assert client.get_secret_value(SecretId="warmline")["SecretString"] == "{}"
    client.close()


@pytest.mark.usefixtures("table")
def test_whoever_uses_moto_in_the_same_process_empties_no_store(session: boto3.session.Session) -> None:
    secrets, table = session.client("secretsmanager"), session.client("dynamodb")
    secrets.create_secret(Name="kept", SecretString="{}")
    with mock_aws():
        pass
    assert secrets.get_secret_value(SecretId="kept")["SecretString"] == "{}"
    assert table.list_tables()["TableNames"] == ["calls"]
    secrets.close()
    table.close()


@pytest.mark.usefixtures("table")
def test_two_clouds_do_not_share_their_tables() -> None:
    with Cloud() as other:
        client = boto3.session.Session().client("dynamodb", endpoint_url=other.aws_origin)
        assert client.list_tables()["TableNames"] == []
        client.close()


@pytest.mark.parametrize(("fault", "code"), [(Fails(), "InternalServerError"), (Throttles(), "ThrottlingException")])
def test_a_fault_has_dynamodbs_own_error(cloud: Cloud, session: boto3.session.Session, fault: Fault, code: str) -> None:
    client = session.client("dynamodb", config=IMPATIENT)
    cloud.dynamodb.fault = fault
    with pytest.raises(ClientError) as caught:
        client.list_tables()
    assert caught.value.response["Error"]["Code"] == code
    client.close()


def test_a_silent_table_never_answers(cloud: Cloud, session: boto3.session.Session) -> None:
    client = session.client("dynamodb", config=IMPATIENT)
    cloud.dynamodb.fault = Silent()
    with pytest.raises(ReadTimeoutError):
        client.list_tables()
    client.close()


def test_a_slow_table_writes_after_its_client_has_gone(
    cloud: Cloud, session: boto3.session.Session, table: "DynamoDBClient"
) -> None:
    client = session.client("dynamodb", config=IMPATIENT)
    cloud.dynamodb.fault = Slow(0.7)
    with pytest.raises(ReadTimeoutError):
        claim(client, "late")
    assert not claim(table, "late")
    client.close()
