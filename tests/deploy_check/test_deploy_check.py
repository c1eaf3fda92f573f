"""The handler: which check is meant, and what the stack is doing."""

import pytest

from tests.deploy_check.conftest import Stack


def test_a_resource_of_another_type_is_refused(stack: Stack) -> None:
    reason = stack.reason("Paint")

    assert reason == (
        "Resource Paint: expected the type Custom::AccountCheck or Custom::DirectoryCheck, got Custom::Paint."
    )


def test_any_resource_can_be_deleted(stack: Stack) -> None:
    assert stack.check("Paint", "Delete")["Status"] == "SUCCESS"


def test_a_creation_does_not_ask_about_the_stack(stack: Stack) -> None:
    stack.check("DirectoryCheck")

    assert "DescribeStacks" not in stack.aws.asked


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_a_stack_on_its_way_back_is_let_through(stack: Stack, status: str) -> None:
    stack.aws.stack, stack.aws.function = status, b"null"

    assert stack.check("DirectoryCheck", "Update")["Status"] == "SUCCESS"


def test_an_update_is_checked_when_nobody_says_that_the_stack_goes_back(stack: Stack) -> None:
    stack.aws.function = b"null"
    stack.aws.refused["DescribeStacks"] = 400, "ValidationError", "Stack with id … does not exist"

    assert stack.check("DirectoryCheck", "Update")["Status"] == "FAILED"


def test_a_stack_with_a_bad_address_of_twilio_is_refused(stack: Stack) -> None:
    assert stack.reason("DirectoryCheck", TwilioApiUrl="https://api.example.com") == (
        "Property TwilioApiUrl: expected https://api.twilio.com or https://api.EDGE.REGION.twilio.com, "
        "got 'https://api.example.com'."
    )
