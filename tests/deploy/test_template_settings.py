"""What functions and container are told: every setting that their code reads, no other, and no secret in the open."""

import json
import re

import pytest

import routes
import transfer_settings
from sandbox.aws.calls_table import ATTRIBUTES, BILLING, INDEXES, KEY_SCHEMA
from tests.deploy.stack_template import DEFAULT, DOMAIN, ROOT, Mode, Node, properties, resources, template

MODES = pytest.mark.parametrize("mode", [DEFAULT, DOMAIN], ids=["default", "domain"])
STREAM_URLS = {
    "default": {"Fn::Sub": "wss://${Distribution.DomainName}/media-stream"},
    "domain": {"Fn::Sub": "wss://${DomainName}/media-stream"},
}
REQUIRED = {"SECRET_ID": "warmline/twilio", "CALLS_TABLE": "calls", "VOICE_URL": "https://voice.example.com"}
# Read by Powertools itself; the metrics' dimension `service`.
POWERTOOLS = "POWERTOOLS_SERVICE_NAME"
SECRET = re.compile("TOKEN|KEY|PASSWORD|SECRET(?!_ID)")


def read_by(path: str) -> set[str]:
    """What looks like the name of an environment variable, in quotes."""
    return set(re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)"', (ROOT / path).read_text()))


def function_variables(name: str, mode: Mode = DEFAULT) -> Node:
    return properties(name, mode).get("Environment", {}).get("Variables", {})


def container(mode: Mode = DEFAULT) -> Node:
    (found,) = properties("TaskDefinition", mode)["ContainerDefinitions"]
    return found


def container_variables(mode: Mode = DEFAULT) -> dict[str, Node]:
    return {one["Name"]: one["Value"] for one in container(mode)["Environment"]}


@pytest.mark.parametrize(
    ("function", "settings", "left_out"),
    [
        # VOICE_URL is for a proxy before the API; the secret's parts are no variables.
        ("VoiceWebhookFunction", "functions/voice_webhook/webhook_settings.py", {"VOICE_URL"}),
        ("TransferFunction", "functions/transfer/transfer_settings.py", set()),
        # Which moves no call.
        (
            "TransferCandidateFunction",
            "functions/transfer/transfer_settings.py",
            {"TWILIO_API_URL", "FALLBACK_URL", "NOTIFY_TOPIC", "RECORD_RETENTION_DAYS", "KEEP_TRANSCRIPTS"},
        ),
    ],
)
def test_a_function_is_told_what_it_reads(function: str, settings: str, left_out: set[str]) -> None:
    in_secret = {"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_NEXT", "STREAM_TOKEN_SECRET"}
    in_secret |= {"TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET"}

    assert set(function_variables(function)) == (read_by(settings) - in_secret - left_out) | {POWERTOOLS}


def test_the_container_is_told_what_it_reads() -> None:
    with_defaults = {"REALTIME_URL", "AGENT_FILE", "LOG_EVENT_TYPES", "SHOW_TIMING_MATH", "HOST", "PORT"}
    set_by_ecs = {"AWS_REGION", "AWS_DEFAULT_REGION", "ECS_CONTAINER_METADATA_URI_V4"}
    # ECS starts no task for a key that is not there: the container reads these itself, by SECRET_ID.
    in_secret = {"TWILIO_AUTH_TOKEN_NEXT", "STREAM_TOKEN_SECRET_NEXT"}
    only_with_both_addresses = {"STREAM_URL_NEXT"}
    secrets = {one["Name"] for one in container()["Secrets"]}

    told = set(container_variables()) | secrets

    read = read_by("socket_server/settings.py") - with_defaults - set_by_ecs - in_secret - only_with_both_addresses
    assert told - {POWERTOOLS} == read - {POWERTOOLS}
    assert len(told) == len(container_variables()) + len(secrets)


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("TWILIO_AUTH_TOKEN", "TwilioSecretArn"),
        ("STREAM_TOKEN_SECRET", "TwilioSecretArn"),
        ("OPENAI_API_KEY", "OpenAISecretArn"),
    ],
)
def test_a_secret_reaches_the_container_by_its_full_arn(name: str, arn: str) -> None:
    (found,) = [one["ValueFrom"] for one in container()["Secrets"] if one["Name"] == name]

    # Version stage and version id stay empty: the newest.
    assert found == {"Fn::Sub": f"${{AccountCheck.{arn}}}:{name}::"}


def test_no_secret_is_in_the_open() -> None:
    functions = resources(DEFAULT, "AWS::Lambda::Function")
    variables = {name for function in functions for name in function_variables(function)} | set(container_variables())

    assert not [name for name in variables if SECRET.search(name)]


def test_the_container_knows_by_their_full_arns_where_newer_keys_are() -> None:
    for name, arn in (("SECRET_ID", "TwilioSecretArn"), ("OPENAI_SECRET_ID", "OpenAISecretArn")):
        assert container_variables()[name] == {"Fn::GetAtt": ["AccountCheck", arn]}


def test_functions_know_the_secret_of_twilio_by_its_full_arn() -> None:
    for function in ("VoiceWebhookFunction", "TransferFunction"):
        assert function_variables(function)["SECRET_ID"] == {"Fn::GetAtt": ["AccountCheck", "TwilioSecretArn"]}


@MODES
def test_everybody_names_the_same_stream(mode: Mode) -> None:
    url = STREAM_URLS["default" if mode["CloudFront"] else "domain"]

    assert function_variables("VoiceWebhookFunction", mode)["STREAM_URL"] == url
    assert container_variables(mode)["STREAM_URL"] == url


def test_calls_are_moved_where_the_account_is_checked() -> None:
    url = {"Ref": "TwilioApiUrl"}

    assert function_variables("TransferFunction")["TWILIO_API_URL"] == url
    assert properties("DirectoryCheck")["TwilioApiUrl"] == url
    default = template()["Parameters"]["TwilioApiUrl"]["Default"]
    assert transfer_settings.Settings.read(REQUIRED).twilio_api_url == default


def test_everybody_counts_under_the_name_of_the_stack() -> None:
    for variables in (
        container_variables(),
        *map(function_variables, ("VoiceWebhookFunction", "TransferFunction")),
    ):
        assert variables[POWERTOOLS] == {"Ref": "AWS::StackName"}


@pytest.mark.parametrize("name", ["RECORD_RETENTION_DAYS", "KEEP_TRANSCRIPTS"])
def test_everybody_keeps_the_record_for_the_same_time(name: str) -> None:
    for variables in (
        container_variables(),
        *map(function_variables, ("VoiceWebhookFunction", "TransferFunction")),
    ):
        assert variables[name] == {"Ref": name.title().replace("_", "")}


def find_made_by_sam(kind: str, mode: Mode = DEFAULT) -> tuple[str, Node]:
    """The version or the alias that SAM makes of it."""
    found = resources(mode, f"AWS::Lambda::{kind}").items()
    [(name, one)] = [each for each in found if each[1]["Properties"]["FunctionName"] == {"Ref": "VoiceWebhookFunction"}]
    return name, one["Properties"]


def test_the_api_invokes_the_webhook_s_latest_version() -> None:
    version, _ = find_made_by_sam("Version")
    alias, points_at = find_made_by_sam("Alias")

    assert points_at["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
    for methods in properties("HttpApi")["Body"]["paths"].values():
        assert f"/${{{alias}}}/" in methods["post"]["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]


@MODES
def test_a_change_of_what_the_webhook_is_told_is_a_new_version(mode: Mode) -> None:
    # CloudFormation replaces a version whose description changes. SAM's own hash sees no value of a reference.
    description = json.dumps(find_made_by_sam("Version", mode)[1]["Description"])
    variables = function_variables("VoiceWebhookFunction", mode)
    host = {"Fn::GetAtt": ["Distribution", "DomainName"]} if mode["CloudFront"] else {"Ref": "DomainName"}
    told = [variables["SECRET_ID"], host]

    assert [each for each in told if json.dumps(each) not in description] == []
    named = ("${Architecture}", "${SnapStart}", "${RecordRetentionDays}", "${KeepTranscripts}")
    assert [each for each in named if each not in description] == []
    assert all(json.dumps(layer) in description for layer in properties("VoiceWebhookFunction")["Layers"])
    # What else it is told never changes while the stack lives.
    changes = {"SECRET_ID", "STREAM_URL", "RECORD_RETENTION_DAYS", "KEEP_TRANSCRIPTS"}
    assert set(variables) - changes == {"CALLS_TABLE", "TRANSFER_FUNCTION", POWERTOOLS}


def test_the_api_has_every_route_of_the_webhook_and_no_other() -> None:
    paths = properties("HttpApi")["Body"]["paths"]

    assert set(paths) == set(routes.ROUTES)
    assert all(set(methods) == {"post"} for methods in paths.values())


def test_every_handler_is_there() -> None:
    folders = {
        "VoiceWebhookFunction": "voice_webhook",
        "TransferFunction": "transfer",
        "TransferCandidateFunction": "transfer",
        "DeployCheckFunction": "deploy_check",
        "ImageBuilderFunction": "image_builder",
    }
    for name in resources(DEFAULT, "AWS::Lambda::Function"):
        module, _, function = properties(name)["Handler"].partition(".")
        assert f"def {function}(" in (ROOT / "functions" / folders[name] / f"{module}.py").read_text()


def test_the_table_is_the_one_that_the_record_is_tested_with() -> None:
    table = properties("CallsTable")

    assert table["KeySchema"] == KEY_SCHEMA
    assert table["AttributeDefinitions"] == ATTRIBUTES
    assert table["GlobalSecondaryIndexes"] == INDEXES
    assert table["BillingMode"] == BILLING
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_backups_reach_back_no_further_than_rows_are_kept() -> None:
    backups = properties("CallsTable")["PointInTimeRecoverySpecification"]
    days = {"Fn::FindInMap": ["Backups", {"Ref": "RecordRetentionDays"}, "Days"]}
    assert backups == {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": days}

    kept = template()["Parameters"]["RecordRetentionDays"]["AllowedValues"]
    # 35 days are DynamoDB's maximum.
    assert template()["Mappings"]["Backups"] == {str(each): {"Days": min(each, 35)} for each in kept}


def test_no_backup_has_the_words_that_are_to_be_erased() -> None:
    table = properties("CallsTable", {**DEFAULT, "TranscriptsKept": False})

    assert template()["Conditions"]["TranscriptsKept"] == {"Fn::Equals": [{"Ref": "KeepTranscripts"}, "1"]}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}


def test_a_flood_of_requests_is_held_up() -> None:
    (stage,) = resources(DEFAULT, "AWS::ApiGatewayV2::Stage").values()
    limits = stage["Properties"]["DefaultRouteSettings"]

    assert limits == {"ThrottlingBurstLimit": 1000, "ThrottlingRateLimit": 500}


def test_no_task_that_ends_makes_more_requests_at_once_than_are_let_through() -> None:
    (stage,) = resources(DEFAULT, "AWS::ApiGatewayV2::Stage").values()
    most_calls = max(template()["Parameters"]["MaxCalls"]["AllowedValues"])

    # Of each call: that its stream has stopped, and what comes next.
    assert stage["Properties"]["DefaultRouteSettings"]["ThrottlingBurstLimit"] >= 2 * most_calls
