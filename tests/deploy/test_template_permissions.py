"""What each part may do: single actions on single resources; every exception is in this file, with its reason."""

import pytest

from tests.deploy.stack_template import DEFAULT, DOMAIN, Mode, Node, properties, resources

OWN_IMAGE: Mode = {**DEFAULT, "BuildImage": False}
MODES = pytest.mark.parametrize("mode", [DEFAULT, DOMAIN, OWN_IMAGE], ids=["default", "domain", "own image"])

# Resources with a wildcard, by the role that has them.
WILDCARDS = {
    # The action knows no resource: it logs in to the registry of the account.
    ("ExecutionRole", "ecr:GetAuthorizationToken"): "*",
    ("ImageProjectRole", "ecr:GetAuthorizationToken"): "*",
    ("ImageProjectRole", "ecr-public:GetAuthorizationToken"): "*",
    ("ImageProjectRole", "sts:GetServiceBearerToken"): "*",
    # The versions of one function or of one layer: each deploy makes one, and a policy is slow to become true.
    ("DeployCheckRole", "lambda:InvokeFunction"): "function:${AWS::StackName}-transfer-candidate:*",
    ("ImageBuilderRole", "lambda:GetLayerVersion"): "layer:${AWS::StackName}-socket-server-source:*",
    ("ImageProjectRole", "lambda:GetLayerVersion"): "layer:${AWS::StackName}-socket-server-source:*",
    # The six characters that Secrets Manager adds to a name are what the check finds out.
    ("DeployCheckRole", "secretsmanager:GetSecretValue"): "Secret}-??????",
}


def roles(mode: Mode = DEFAULT) -> dict[str, Node]:
    return {name: one["Properties"] for name, one in resources(mode, "AWS::IAM::Role").items()}


def list_statements(role: Node) -> list[tuple[list[str], list[Node]]]:
    """Actions and resources of all that a role may do."""
    found = [one for policy in role["Policies"] for one in policy["PolicyDocument"]["Statement"]]
    assert all(set(one) - {"Condition"} == {"Effect", "Action", "Resource"} for one in found)
    assert all(one["Effect"] == "Allow" for one in found)
    return [(to_list(one["Action"]), to_list(one["Resource"])) for one in found]


def to_list(node: Node) -> list[Node]:
    return node if isinstance(node, list) else [node]


def may(role: str, mode: Mode = DEFAULT) -> dict[str, list[Node]]:
    """The resources on which a role may do each action."""
    return {action: on for actions, on in list_statements(roles(mode)[role]) for action in actions}


@MODES
def test_every_statement_names_single_actions(mode: Mode) -> None:
    for role in roles(mode).values():
        for actions, _ in list_statements(role):
            assert all(action.count(":") == 1 and "*" not in action for action in actions)


@MODES
def test_every_statement_names_single_resources(mode: Mode) -> None:
    for name, role in roles(mode).items():
        for actions, found in list_statements(role):
            for resource in found:
                text = resource if isinstance(resource, str) else resource.get("Fn::Sub", "")
                if "*" in text or "?" in text:
                    assert all(text.endswith(find_allowed(name, action, mode)) for action in actions), (name, text)


def find_allowed(role: str, action: str, mode: Mode) -> str:
    """How the one resource with a wildcard ends that this role may have for the action."""
    if role == "ExecutionRole" and action.startswith("ecr:") and not mode["BuildImage"]:
        # ImageUri may name any repository of the account.
        return WILDCARDS.get((role, action), ":repository/*")
    return WILDCARDS.get((role, action), "none is allowed")


@MODES
def test_nothing_is_given_by_a_policy_that_aws_may_widen(mode: Mode) -> None:
    for role in roles(mode).values():
        assert set(role) == {"AssumeRolePolicyDocument", "Policies"}
    assert resources(mode, "AWS::IAM::ManagedPolicy") == resources(mode, "AWS::IAM::Policy") == {}


@MODES
def test_every_role_is_for_one_service_of_this_account(mode: Mode) -> None:
    for name, role in roles(mode).items():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Action"] == "sts:AssumeRole"
        assert isinstance(statement["Principal"]["Service"], str), name
        if statement["Principal"]["Service"] != "lambda.amazonaws.com":  # a function names its role; nobody else can
            assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_every_function_has_a_role_of_its_own() -> None:
    functions = resources(DEFAULT, "AWS::Lambda::Function")
    used = [one["Properties"]["Role"]["Fn::GetAtt"][0] for one in functions.values()]

    assert len(set(used)) == len(functions)


def test_the_models_key_is_for_the_container_alone() -> None:
    key = {"Fn::GetAtt": ["AccountCheck", "OpenAISecretArn"]}
    readers = {name for name in roles() if any(key in on for on in may(name).values()) or name == "DeployCheckRole"}

    assert readers == {"ExecutionRole", "TaskRole", "DeployCheckRole"}


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        ("VoiceWebhookRole", {"Query", "GetItem", "UpdateItem"}),
        ("TransferRole", {"Query", "GetItem", "PutItem", "UpdateItem"}),
        ("TaskRole", {"Query", "GetItem", "PutItem", "UpdateItem"}),
        ("TransferCandidateRole", set()),
    ],
)
def test_the_table_is_read_and_written_as_the_code_does(role: str, actions: set[str]) -> None:
    table = {action: on for action, on in may(role).items() if action.startswith("dynamodb:")}

    assert set(table) == {f"dynamodb:{action}" for action in actions}
    assert all(on == [{"Fn::GetAtt": ["CallsTable", "Arn"]}] for on in table.values())


def test_the_candidate_may_write_its_log_and_nothing_else() -> None:
    assert set(may("TransferCandidateRole")) == {"logs:CreateLogStream", "logs:PutLogEvents"}


def test_no_log_group_can_come_back_without_its_retention() -> None:
    """A function that ends after its group was deleted would make it anew."""
    assert all("logs:CreateLogGroup" not in may(name) for name in roles())


def test_the_function_that_moves_calls_may_be_invoked_by_webhook_container_and_itself_only() -> None:
    name = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-transfer"
    callers = {role: on for role in roles() if (on := may(role).get("lambda:InvokeFunction"))}

    assert callers.pop("DeployCheckRole") == [{"Fn::Sub": f"{name}-candidate:*"}]
    # As text towards the webhook: by name it would wait for the function, which waits for the API, which waits for it.
    assert callers == {
        "VoiceWebhookRole": [{"Fn::Sub": name}],
        "TransferRole": [{"Fn::Sub": name}],
        "TaskRole": [{"Fn::GetAtt": ["TransferFunction", "Arn"]}],
    }
    assert properties("TransferFunction")["FunctionName"] == {"Fn::Sub": "${AWS::StackName}-transfer"}
