"""Checks what the stack needs from the account: two valid secrets, and ECS's service-linked role.

It reports all faults at once, because a deploy takes minutes.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from custom_resource import FailedError, Request
from new_permission import retry, retry_until
from secret_shape import validate_openai, validate_twilio

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

ECS = "ecs.amazonaws.com"
ROLE = "AWSServiceRoleForECS"
ROLE_CURE = f'"aws iam create-service-linked-role --aws-service-name {ECS}" makes it'
# IAM needs seconds to show a new role everywhere.
ROLE_WAIT_S = 60

SECRETS: Mapping[str, Callable[[str], list[str]]] = {"TwilioSecret": validate_twilio, "OpenAISecret": validate_openai}

logger = logging.getLogger(__name__)


def check_account(request: Request, secrets: "SecretsManagerClient", iam: "IAMClient") -> dict[str, str]:
    """The secrets' full ARNs. Raises `FailedError` with all faults."""
    arns: dict[str, str] = {}
    faults: list[str] = []
    until_allowed = retry_until(request.until)
    for name, shape in SECRETS.items():
        arns[f"{name}Arn"], found = _check_secret(secrets, request.properties.get(name), name, shape, until_allowed)
        faults += found
    faults += _ensure_service_role(iam, request.until, until_allowed)
    if faults:
        raise FailedError(" ".join(faults))
    return arns


def list_known_arns(request: Request, secrets: "SecretsManagerClient") -> dict[str, str]:
    """The ARNs without any check, for a stack that is rolled back.

    If a secret cannot be read, its ARN as far as it is known: a rollback must not fail.
    """
    arns: dict[str, str] = {}
    _, partition, _, region, account, *_ = request.stack_id.split(":")
    for name in SECRETS:
        secret_id = str(request.properties.get(name))
        try:
            arn = secrets.get_secret_value(SecretId=secret_id)["ARN"]
        except (BotoCoreError, ClientError) as error:
            logger.warning("Going back without the secret %s: %s", secret_id, error)
            named = f"arn:{partition}:secretsmanager:{region}:{account}:secret:{secret_id}"
            arn = secret_id if secret_id.startswith("arn:") else named
        arns[f"{name}Arn"] = arn
    return arns


def _check_secret(
    secrets: "SecretsManagerClient",
    secret_id: object,
    name: str,
    shape: Callable[[str], list[str]],
    until_allowed: float,
) -> tuple[str, list[str]]:
    """ARN and faults."""
    if not isinstance(secret_id, str) or not secret_id.strip():
        return "", [f"Parameter {name}: expected the name of a secret, got nothing."]
    try:
        answer = retry(lambda: secrets.get_secret_value(SecretId=secret_id), until_allowed)
    except (BotoCoreError, ClientError) as error:  # BotoCoreError: the network, or a name that could never be one
        return "", [f"Secret {secret_id}: {_explain_unreadable(error, secrets.meta.region_name)}."]
    text = answer.get("SecretString", "")  # it is missing where the secret holds bytes
    faults = shape(text) if text else ["expected a JSON object, got bytes or nothing"]
    return answer["ARN"], [f"Secret {secret_id}: {fault}." for fault in faults]


def _explain_unreadable(error: BotoCoreError | ClientError, region: str) -> str:
    cure = f'is there one of this name in {region}? "make secrets" makes it'
    if not isinstance(error, ClientError):
        return f"it cannot be read: {error}"
    match error.response.get("Error", {}).get("Code"):
        case "ResourceNotFoundException":
            return f"there is none with a value; {cure}"
        case "AccessDeniedException":
            # A permission names the whole ARN, and a secret that does not exist has no ARN.
            return f"it may not be read; {cure} ({_quote(error)})"
        case _:
            return f"it cannot be read: {_quote(error)}"


def _ensure_service_role(iam: "IAMClient", until: float, until_allowed: float) -> list[str]:
    """Make ECS's service-linked role if there is none.

    ECS creates it too, with the first cluster of an account, but then cannot assume it. So it must exist before.
    """
    try:
        try:
            retry(lambda: iam.get_role(RoleName=ROLE), until_allowed)
            return []
        except iam.exceptions.NoSuchEntityException:
            retry(lambda: _make_role(iam), until_allowed)
        # Half of the time, because each request takes time too.
        attempts = max(1, min(ROLE_WAIT_S, int((until - time.monotonic()) / 2)))
        iam.get_waiter("role_exists").wait(RoleName=ROLE, WaiterConfig={"Delay": 1, "MaxAttempts": attempts})
    except WaiterError:
        return [f"Role {ROLE}: it was made, but cannot be seen yet; deploy again in a minute."]
    except (BotoCoreError, ClientError) as error:
        words = _quote(error) if isinstance(error, ClientError) else str(error)
        return [f"Role {ROLE}: ECS needs it, and it could not be made: {words} ({ROLE_CURE})."]
    return []


def _make_role(iam: "IAMClient") -> None:
    try:
        iam.create_service_linked_role(AWSServiceName=ECS)
    except iam.exceptions.InvalidInputException as error:
        # Another stack, or ECS itself, was faster.
        if not re.search("has been taken|already exists", str(error)):
            raise


def _quote(error: ClientError) -> str:
    told = error.response.get("Error", {})
    return f"{told.get('Code', 'an error')}: {told.get('Message', 'without a word')}".rstrip(".")
