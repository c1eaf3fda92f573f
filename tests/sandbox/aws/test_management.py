"""sandbox.aws.management through unmodified AWS SDKs."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.aws.cloud import Cloud
from sandbox.aws.functions import REGION
from sandbox.aws.management import Service, Stack


class Account:
    """Clients of one cloud, closed at the end."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._session = boto3.session.Session("sandbox", "sandbox", region_name=REGION)
        self._made: list[Any] = []

    def client(self, service: str) -> Any:
        config = Config(proxies={}, retries={"total_max_attempts": 1})
        client = self._session.client(service, endpoint_url=self.cloud.aws_origin, config=config)  # type: ignore[call-overload]
        self._made.append(client)
        return client

    def close(self) -> None:
        for client in self._made:
            client.close()


@pytest.fixture
def account() -> Iterator[Account]:
    with Cloud() as cloud:
        account = Account(cloud)
        yield account
        account.close()


def test_a_stack_tells_outputs_and_parameters(account: Account) -> None:
    account.cloud.management.stacks["mine"] = Stack(
        "UPDATE_COMPLETE", {"Url": "https://a.test/?b&c"}, {"Stage": "prod"}
    )

    (stack,) = account.client("cloudformation").describe_stacks(StackName="mine")["Stacks"]

    assert (stack["StackName"], stack["StackStatus"]) == ("mine", "UPDATE_COMPLETE")
    assert stack["Outputs"] == [{"OutputKey": "Url", "OutputValue": "https://a.test/?b&c"}]
    assert stack["Parameters"] == [{"ParameterKey": "Stage", "ParameterValue": "prod"}]


def test_a_stack_that_is_not_there_is_a_validation_error(account: Account) -> None:
    with pytest.raises(ClientError, match=r"ValidationError.*Stack with id mine does not exist"):
        account.client("cloudformation").describe_stacks(StackName="mine")


def test_a_service_tells_its_tasks_and_their_health(account: Account) -> None:
    account.cloud.management.services["mine"] = Service(desired=3, running=2, health=["healthy", "draining"])

    (service,) = account.client("ecs").describe_services(cluster="mine", services=["mine", "other"])["services"]
    group = service["loadBalancers"][0]["targetGroupArn"]
    health = account.client("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]

    assert (service["runningCount"], service["desiredCount"]) == (2, 3)
    assert [each["TargetHealth"]["State"] for each in health] == ["healthy", "draining"]


def test_another_cluster_is_not_found(account: Account) -> None:
    with pytest.raises(ClientError, match="ClusterNotFoundException"):
        account.client("ecs").describe_services(cluster="mine", services=["mine"])


def test_the_quota_of_lambda_is_told(account: Account) -> None:
    account.cloud.management.concurrent_executions = 10

    assert account.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"] == 10


def test_what_is_denied_is_refused_in_each_services_own_words(account: Account) -> None:
    account.cloud.management.denied = {"DescribeStacks", "DescribeServices", "GetAccountSettings"}

    with pytest.raises(ClientError, match=r"AccessDenied.*DescribeStacks"):
        account.client("cloudformation").describe_stacks(StackName="mine")
    with pytest.raises(ClientError, match=r"AccessDeniedException.*DescribeServices"):
        account.client("ecs").describe_services(cluster="mine", services=["mine"])
    with pytest.raises(ClientError, match=r"AccessDeniedException.*GetAccountSettings"):
        account.client("lambda").get_account_settings()


def test_what_is_not_simulated_says_so(account: Account) -> None:
    with pytest.raises(ClientError, match=r"does not know 'ListStacks'"):
        account.client("cloudformation").list_stacks()
    with pytest.raises(ClientError, match=r"does not know ECS' 'ListClusters'"):
        account.client("ecs").list_clusters()
