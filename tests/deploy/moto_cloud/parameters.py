"""What CloudFormation checks before it touches anything: the parameters' bounds, and the template's rules.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html and
.../rules-section-structure.html
"""

import json
import re
from collections.abc import Mapping

from tests.deploy.moto_cloud.intrinsics import Node, TemplateError


def check_parameters(
    template: Mapping[str, Node], given: Mapping[str, str], pseudo: Mapping[str, str]
) -> dict[str, Node]:
    """Every parameter with its value: what `Ref` gives. Raises `TemplateError`."""
    declared = template.get("Parameters", {})
    if strangers := sorted(set(given) - set(declared)):
        raise TemplateError(f"Parameters: [{', '.join(strangers)}] do not exist in the template")
    values = {name: _read_value(name, one, given) for name, one in declared.items()}
    for name, rule in template.get("Rules", {}).items():
        _obey(name, rule, {**values, **pseudo})
    return values


def _read_value(name: str, declared: Node, given: Mapping[str, str]) -> Node:
    if name not in given and "Default" not in declared:
        raise TemplateError(f"Parameters: [{name}] must have values")
    text = str(given.get(name, declared.get("Default")))
    kind = declared["Type"]
    members = text.split(",") if kind == "CommaDelimitedList" or kind.startswith("List<") else [text]
    for member in members:
        _check(name, declared, member.strip())
    if len(members) == 1 and members == [text] and not kind.startswith(("List<", "CommaDelimitedList")):
        return text
    return [member.strip() for member in members]


def _check(name: str, declared: Node, text: str) -> None:
    """One value against what the template says of the parameter."""
    wrong = None
    if "AllowedValues" in declared and text not in (allowed := [str(one) for one in declared["AllowedValues"]]):
        wrong = f"must be one of AllowedValues: {allowed}"
    elif "AllowedPattern" in declared and not re.fullmatch(declared["AllowedPattern"], text):
        wrong = f"must match pattern {declared['AllowedPattern']}"
    elif declared["Type"] == "Number" and not re.fullmatch(r"-?\d+(\.\d+)?", text):
        wrong = "must be a number"
    elif "MinValue" in declared and float(text) < float(declared["MinValue"]):
        wrong = f"must be a number not less than {declared['MinValue']}"
    elif "MaxValue" in declared and float(text) > float(declared["MaxValue"]):
        wrong = f"must be a number not greater than {declared['MaxValue']}"
    elif not int(declared.get("MinLength", 0)) <= len(text) <= int(declared.get("MaxLength", 4096)):
        wrong = f"must contain {declared.get('MinLength', 0)} to {declared.get('MaxLength', 4096)} characters"
    if wrong:
        said = declared.get("ConstraintDescription")
        raise TemplateError(f"Parameter '{name}' {said or wrong}")


def _obey(name: str, rule: Node, values: Mapping[str, Node]) -> None:
    if "RuleCondition" in rule and not _is_true(rule["RuleCondition"], values):
        return
    for assertion in rule["Assertions"]:
        if not _is_true(assertion["Assert"], values):
            raise TemplateError(
                f"Template validation error: rule {name}: {assertion.get('AssertDescription', 'failed')}"
            )


def _is_true(node: Node, values: Mapping[str, Node]) -> bool:
    """Rules know less than conditions: neither `Condition` nor `Fn::If`, and of `Ref` the parameters alone."""
    match node:
        case {"Fn::Equals": [one, other]}:
            return str(_evaluate(one, values)) == str(_evaluate(other, values))
        case {"Fn::Not": [inner]}:
            return not _is_true(inner, values)
        case {"Fn::And": [*inner]}:
            return all(_is_true(each, values) for each in inner)
        case {"Fn::Or": [*inner]}:
            return any(_is_true(each, values) for each in inner)
        case {"Fn::Contains": [members, one]}:
            return str(_evaluate(one, values)) in [str(each) for each in _evaluate(members, values)]
        case {"Fn::EachMemberEquals": [members, one]}:
            return all(str(each) == str(_evaluate(one, values)) for each in _evaluate(members, values))
        case {"Fn::EachMemberIn": [members, allowed]}:
            return set(map(str, _evaluate(members, values))) <= set(map(str, _evaluate(allowed, values)))
    raise TemplateError(f"Template format error: a rule cannot say {json.dumps(node)}")


def _evaluate(node: Node, values: Mapping[str, Node]) -> Node:
    match node:
        case {"Ref": str(name)} if name in values:
            return values[name]
        case str() | int() | list():
            return node
    raise TemplateError(f"Template format error: a rule cannot say {json.dumps(node)}")
