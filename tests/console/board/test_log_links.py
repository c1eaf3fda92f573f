"""The address of a call's log lines in CloudWatch's console."""

import re

import pytest

from console.board.log_links import LogGroups
from doctor.facts import Stack

SID = "CA" + "0" * 32
GROUPS = LogGroups("eu-west-1", ("/ecs/warmline", "/aws/lambda/warmline-transfer"))
BEGAN_MS = 1_795_867_200_000  # 2026-11-28, 12:00


def unquote(text: str) -> str:
    return re.sub(r"\*([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), text)


def test_a_link_asks_for_the_lines_of_the_call_and_what_is_around_it() -> None:
    link = GROUPS.link(SID, BEGAN_MS, BEGAN_MS + 60_000)

    assert link.startswith(
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
        "#logsV2:logs-insights$3FqueryDetail$3D~(end~'2026-11-28T12*3a06*3a00.000Z~start~'2026-11-28T11*3a55*3a00.000Z"
        "~timeType~'ABSOLUTE~tz~'UTC~editorString~'fields*20*40timestamp"
    )
    assert link.endswith("~source~(~'*2fecs*2fwarmline~'*2faws*2flambda*2fwarmline-transfer))")
    assert f'| filter call_sid = "{SID}"\n| sort @timestamp asc' in unquote(link)


def test_a_link_has_no_character_that_an_address_may_not_have() -> None:
    link = LogGroups("eu-west-1", ("/ecs/a b~'(ä)",)).link(SID, BEGAN_MS, None)

    assert re.fullmatch(r"[!#-;=?-Z_a-z~]+", link)
    assert link.endswith("~source~(~'*2fecs*2fa*20b*7e*27*28*c3*a4*29))")


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("us-east-1", "us-east-1.console.aws.amazon.com"),
    ],
)
def test_the_console_is_that_of_the_region(region: str, host: str) -> None:
    assert LogGroups(region, ("g",)).link(SID, BEGAN_MS, None).startswith(f"https://{host}/cloudwatch/home?")


def test_a_row_that_somebody_edited_may_say_that_a_call_lasts_for_ages() -> None:
    link = LogGroups("eu-west-1", ("g",)).link(SID, BEGAN_MS, BEGAN_MS * 1000)

    assert "end~'9999-12-31T23*3a59*3a59.000Z" in link


def test_the_groups_are_those_whose_lines_name_calls() -> None:
    outputs = {"VoiceWebhookFunction": "w-voice-webhook", "TransferFunction": "w-transfer", "ContainerLogs": "/ecs/w"}

    groups = LogGroups.of(Stack("w", outputs, {}), "us-east-1")

    assert groups.names == ("/ecs/w", "/aws/lambda/w-voice-webhook", "/aws/lambda/w-transfer")
