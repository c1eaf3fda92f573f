"""The tests' CloudFormation refuses what the real one would: otherwise a deploy that succeeds here would say little."""

import pytest

from tests.deploy.moto_cloud.graph import order
from tests.deploy.moto_cloud.intrinsics import Evaluator, Node, TemplateError
from tests.deploy.moto_cloud.parameters import check_parameters

PSEUDO = {"AWS::Region": "us-east-1"}


class Made:
    """A resource with one attribute."""

    def ref(self) -> str:
        return "its-id"

    def attribute(self, name: str) -> Node:
        if name != "Arn":
            raise TemplateError(f"no {name}")
        return "its-arn"


def evaluator(template: dict[str, Node] | None = None) -> Evaluator:
    return Evaluator(template or {}, {**PSEUDO, "Name": "given"}, {"Thing": Made()}, lambda reference: f"<{reference}>")


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"Ref": "Thing"}, "its-id"),
        ({"Fn::GetAtt": ["Thing", "Arn"]}, "its-arn"),
        ({"Fn::Sub": "${Name}/${Thing.Arn}/${!kept}"}, "given/its-arn/${kept}"),
        ({"Fn::Sub": ["${Own}", {"Own": {"Ref": "Name"}}]}, "given"),
        ({"Fn::If": ["Always", 1, {"Ref": "Nothing"}]}, 1),
        ([1, {"Ref": "AWS::NoValue"}], [1]),
        ({"a": {"Ref": "AWS::NoValue"}}, {}),
        ({"Fn::Select": [1, {"Fn::Split": ["/", "a/b"]}]}, "b"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Name"}]]}, "a-given"),
        ({"Fn::FindInMap": ["Map", "one", "two"]}, 3),
        ("{{resolve:secretsmanager:x:SecretString}}", "<secretsmanager:x:SecretString>"),
    ],
)
def test_a_function_has_the_value_that_cloudformation_gives_it(node: Node, value: Node) -> None:
    template = {"Conditions": {"Always": {"Fn::Equals": [1, "1"]}}, "Mappings": {"Map": {"one": {"two": 3}}}}

    assert evaluator(template).evaluate(node) == value


@pytest.mark.parametrize(
    ("node", "says"),
    [
        ({"Ref": "Nothing"}, r"Unresolved resource dependencies \[Nothing\]"),
        ({"Fn::GetAtt": ["Thing", "Name"]}, "no Name"),
        ({"Fn::Sub": "${Nothing.Arn}"}, r"Unresolved resource dependencies \[Nothing\]"),
        ({"Fn::If": ["Unknown", 1, 2]}, "Unresolved condition Unknown"),
        ({"Fn::FindInMap": ["Map", "one", "two"]}, "Unable to get mapping for Map::one::two"),
        ({"Fn::Guess": 1}, "Fn::Guess"),
    ],
)
def test_what_cannot_be_evaluated_is_an_error(node: Node, says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        evaluator().evaluate(node)


def test_resources_come_after_those_that_they_name_or_wait_for() -> None:
    resources = {
        "Last": {"Type": "T", "DependsOn": ["Middle"]},
        "Middle": {"Type": "T", "Properties": {"a": [{"Fn::Sub": "${First.Arn}"}]}},
        "First": {"Type": "T"},
    }

    assert order(resources, evaluator()) == ["First", "Middle", "Last"]


def test_resources_that_wait_for_each_other_are_an_error() -> None:
    resources = {
        "One": {"Type": "T", "Properties": {"a": {"Ref": "Other"}}},
        "Other": {"Type": "T", "Properties": {"a": {"Fn::GetAtt": ["One", "Arn"]}}},
    }

    with pytest.raises(TemplateError, match=r"Circular dependency between resources: \[One, Other\]"):
        order(resources, evaluator())


@pytest.mark.parametrize(
    ("declared", "given", "says"),
    [
        ({"Type": "String"}, {}, "must have values"),
        ({"Type": "String"}, {"B": "1"}, "do not exist"),
        ({"Type": "String", "AllowedValues": ["a"]}, {"A": "b"}, "AllowedValues"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, {"A": "7"}, "pattern"),
        ({"Type": "Number"}, {"A": "many"}, "a number"),
        ({"Type": "Number", "MinValue": 1}, {"A": "0"}, "not less than 1"),
        ({"Type": "Number", "MaxValue": 57}, {"A": "58"}, "not greater than 57"),
    ],
)
def test_a_parameter_out_of_its_bounds_is_refused(declared: Node, given: dict[str, str], says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        check_parameters({"Parameters": {"A": declared}}, given, PSEUDO)


def test_a_rule_knows_neither_conditions_nor_resources() -> None:
    for node in ({"Condition": "Always"}, {"Fn::If": ["Always", 1, 2]}, {"Fn::Equals": [{"Ref": "Thing"}, "x"]}):
        rules = {"Rule": {"Assertions": [{"Assert": node}]}}
        with pytest.raises(TemplateError, match="a rule cannot say"):
            check_parameters({"Rules": rules}, {}, PSEUDO)
