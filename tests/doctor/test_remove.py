"""doctor.remove: against a stand-in for CloudFormation, and moto's load balancer and metrics."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from doctor.active_calls import SAMPLES_A_MINUTE, count_calls
from doctor.errors import DoctorError
from doctor.remove import DRAIN, LIMIT_S, POLL_S, Clients, Order, main, remove_stack
from socket_server.aws.metrics import ACTIVE_CALLS_SECONDS
from tests.deploy.stack_template import ROOT
from tests.doctor.stack_stand_in import StackStandIn
from tests.lambdas import ACCOUNT

REGION = ACCOUNT["AWS_DEFAULT_REGION"]
HOUR = "3599"  # moto refuses 3600, which AWS takes


@dataclass
class Removal:
    """A stack of prod, and somebody who wants it away."""

    stack: StackStandIn
    clients: Clients
    said: list[str] = field(default_factory=list)
    drains: list[str] = field(default_factory=list)
    """How long the load balancer waits for calls when the deletion begins."""

    def remove(self, *, answer: str | None = None, pause: Callable[[float], None] = lambda _: None, **how: bool) -> str:
        ask = None if answer is None else lambda _: answer
        remove_stack(Order("warmline", **how), self.clients, ask, self.said.append, pause)
        return "".join(self.said)

    def refuse(self, **how: Any) -> DoctorError:
        with pytest.raises(DoctorError) as refusal:
            self.remove(**how)
        return refusal.value

    def read_drain(self) -> str:
        attributes = self.clients.elbv2.describe_target_group_attributes(TargetGroupArn=self.stack.target_groups[0])
        (seconds,) = [one["Value"] for one in attributes["Attributes"] if one["Key"] == DRAIN]
        return str(seconds)

    def report_calls(self, revision: str, *samples: int) -> None:
        """Of one minute. As one sample of their sum, because moto lists a metric once for each sample."""
        dimensions = [{"Name": "service", "Value": "warmline"}, {"Name": "revision", "Value": revision}]
        reported = {"MetricName": "ActiveCalls", "Dimensions": dimensions, "Value": sum(samples)}
        self.clients.cloudwatch.put_metric_data(
            Namespace="Warmline", MetricData=[reported | {"Timestamp": datetime.now(UTC)}]
        )


@pytest.fixture
def removal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Removal]:
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)
    with StackStandIn(status="UPDATE_COMPLETE") as stack, mock_aws():
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", stack.origin)
        clients = Clients(*(boto3.client(name) for name in ("cloudformation", "cloudwatch", "elbv2")))
        stack.target_groups.append(_make_target_group(clients.elbv2))
        made = Removal(stack, clients)
        clients.cloudformation.meta.events.register(
            "before-call.cloudformation.DeleteStack", lambda **_: made.drains.append(made.read_drain())
        )
        yield made


def _make_target_group(elbv2: Any) -> str:
    vpc = boto3.client("ec2").create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    made = elbv2.create_target_group(Name="warmline", VpcId=vpc, Protocol="HTTP", Port=8080, TargetType="ip")
    arn = str(made["TargetGroups"][0]["TargetGroupArn"])
    elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[{"Key": DRAIN, "Value": HOUR}])
    return arn


def test_the_load_balancer_waits_a_minute_when_the_deletion_begins(removal: Removal) -> None:

    said = removal.remove(answer="warmline")

    assert removal.drains == ["60"]
    assert removal.stack.status == "DELETE_COMPLETE"
    assert "the secrets warmline/twilio, which other stacks may use" in said


@pytest.mark.parametrize(("keep", "backups"), [({}, 1), ({"KeepTranscripts": "1"}, 1), ({"KeepTranscripts": "0"}, 0)])
def test_a_backup_is_left_only_if_the_table_had_backups(removal: Removal, keep: dict[str, str], backups: int) -> None:
    removal.stack.parameters |= keep

    assert removal.remove(confirmed=True).count("a backup of the table") == backups


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"])
def test_a_stack_that_has_failed_is_deleted_too(removal: Removal, status: str) -> None:
    """CloudFormation would refuse to update it."""
    removal.stack.status = status

    removal.remove(confirmed=True)

    assert (removal.drains, removal.stack.status) == (["60"], "DELETE_COMPLETE")


@pytest.mark.parametrize(
    ("answer", "says"), [(None, "nobody is there to confirm it"), ("", "not confirmed"), ("yes", "not confirmed")]
)
def test_nothing_is_deleted_unless_it_is_confirmed(removal: Removal, answer: str | None, says: str) -> None:
    stack = removal.stack

    assert says in removal.refuse(answer=answer).message
    assert (removal.drains, stack.status) == ([], "UPDATE_COMPLETE")


def test_calls_under_way_are_counted_and_not_cut(removal: Removal) -> None:
    stack = removal.stack
    removal.report_calls("warmline:1", 2, 2, 2, 2)
    removal.report_calls("warmline:2", 0, 0, 1, 1)  # another task, which has just taken its first call

    refusal = removal.refuse(confirmed=True)

    assert (refusal.message, stack.status) == ("about 3 calls are under way: nothing was deleted", "UPDATE_COMPLETE")
    assert "CUT_CALLS=1" in refusal.remedy


def test_calls_are_cut_for_those_who_say_so(removal: Removal) -> None:
    removal.report_calls("warmline:1", 2, 2, 2, 2)

    removal.remove(confirmed=True, cut_calls=True)

    assert removal.stack.status == "DELETE_COMPLETE"


def test_a_stack_of_another_name_does_not_count(removal: Removal) -> None:
    removal.report_calls("warmline:1", 2, 2, 2, 2)

    assert count_calls("warmline-prod", removal.clients.cloudwatch) == 0


def test_the_samples_of_a_minute_are_as_many_as_a_task_reports() -> None:
    assert SAMPLES_A_MINUTE * ACTIVE_CALLS_SECONDS == 60


def test_a_stack_that_does_not_exist_is_named_with_its_region(removal: Removal) -> None:
    removal.stack.status = ""

    refusal = removal.refuse(confirmed=True)

    assert (refusal.message, refusal.remedy) == (f"there is no stack warmline in {REGION}", "another region: REGION=…")


@pytest.mark.parametrize("description", ["", "Somebody else's shop", "Warm"])
def test_a_stack_of_another_kind_is_never_deleted(removal: Removal, description: str) -> None:
    removal.stack.description = description

    assert "is not a stack of Warmline's" in removal.refuse(confirmed=True, cut_calls=True).message
    assert (removal.drains, removal.stack.status) == ([], "UPDATE_COMPLETE")


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "CREATE_IN_PROGRESS"])
def test_a_stack_that_is_being_changed_is_left_alone(removal: Removal, status: str) -> None:
    removal.stack.status = status

    assert removal.refuse(confirmed=True).message == f"warmline is {status}: nothing was deleted"
    assert (removal.drains, removal.stack.status) == ([], status)


def test_a_protected_stack_is_left_alone(removal: Removal) -> None:
    removal.stack.protected = True

    assert "--no-enable-termination-protection --stack-name warmline" in removal.refuse(confirmed=True).remedy
    assert removal.drains == []


def test_where_the_deletion_cannot_begin_calls_are_waited_for_as_before(removal: Removal) -> None:
    removal.stack.denied = True

    with pytest.raises(ClientError, match="AccessDenied"):
        removal.remove(confirmed=True)

    assert (removal.drains, removal.read_drain()) == (["60"], HOUR)


def test_a_load_balancer_that_was_never_created_is_not_asked(removal: Removal) -> None:
    removal.stack.status, removal.stack.target_groups[1:] = "CREATE_FAILED", [""]

    removal.remove(confirmed=True)

    assert removal.stack.status == "DELETE_COMPLETE"


def test_a_deletion_that_fails_says_why(removal: Removal) -> None:
    stack = removal.stack
    stack.status = "DELETE_IN_PROGRESS"  # somebody else has begun it

    def fail(_: float) -> None:
        stack.status, stack.reason = "DELETE_FAILED", "The following resource(s) failed: [SubnetA]."

    refusal = removal.refuse(pause=fail)

    assert refusal.message == "warmline could not be deleted: The following resource(s) failed: [SubnetA]."
    assert "run this again" in refusal.remedy
    assert removal.drains == []


def test_a_deletion_that_does_not_end_is_not_waited_for_for_ever(removal: Removal) -> None:
    removal.stack.status = "DELETE_IN_PROGRESS"
    waited: list[float] = []

    refusal = removal.refuse(pause=waited.append)

    assert refusal.message == "warmline is still being deleted after 60 minutes"
    assert sum(waited) == LIMIT_S == len(waited) * POLL_S


def test_the_command_says_what_is_wrong(removal: Removal) -> None:
    removal.stack.status, said = "", removal.said

    assert main(["--stack", "warmline", "--yes"], {"AWS_REGION": REGION}, None, said.append) == 1
    assert said == [f"There is no stack warmline in {REGION}.\n  → another region: REGION=…\n"]


def test_the_description_of_the_template_is_the_one_that_is_looked_for() -> None:
    assert "\nDescription: Warmline, " in (ROOT / "template.yaml").read_text()
