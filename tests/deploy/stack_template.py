"""template.yaml as CloudFormation sees it, for tests: translated once, with the branches of one mode taken."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-deploy" / "bin" / "python"
TRANSLATE = Path(__file__).with_name("translate.py")

type Node = Any  # JSON of any shape: the tests know which one they look for
type Mode = Mapping[str, bool]

# What `sam deploy` without any parameter makes true.
DEFAULT: Mode = {
    "SnapStartOn": False,
    "EarlySuccess": True,
    "EarlySuccessOmitted": False,
    "CloudFront": True,
    "OwnDomain": False,
    "BothAddresses": False,
    "UseDomain": False,
    "NewVpc": True,
    "BuildImage": True,
    "Arm": True,
    "PrefixListGiven": False,
    "FallbackNumberGiven": False,
    "FallbackCallerIdGiven": False,
    "NotifyEmailGiven": False,
    "AlarmEmailGiven": False,
    "TranscriptsKept": True,
}
DOMAIN: Mode = {**DEFAULT, "CloudFront": False, "OwnDomain": True, "UseDomain": True}
# On the way from one to the other: both are there, and one is used.
FIRST: Mode = {**DEFAULT, "OwnDomain": True, "BothAddresses": True}
STANDBY: Mode = {**FIRST, "UseDomain": True}

_NO_VALUE = {"Ref": "AWS::NoValue"}
_VARIABLE = re.compile(r"\$\{(?!!)([\w:.]+)\}")


@cache
def template() -> Node:
    """The whole translated template, with its conditions undecided."""
    run = subprocess.run(
        [PYTHON, TRANSLATE, ROOT / "template.yaml"],
        env={"AWS_DEFAULT_REGION": "us-east-1", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def resources(mode: Mode = DEFAULT, kind: str = "") -> dict[str, Node]:
    """The resources that this mode makes, by logical id; of one type, or all."""
    return {
        name: take_branches(one, mode)
        for name, one in template()["Resources"].items()
        if one["Type"].startswith(kind) and ("Condition" not in one or mode[one["Condition"]])
    }


def properties(name: str, mode: Mode = DEFAULT) -> Node:
    """The properties of one resource."""
    return resources(mode)[name]["Properties"]


def take_branches(node: Node, mode: Mode) -> Node:
    """The node with each `Fn::If` replaced by the branch that the mode takes."""
    match node:
        case {"Fn::If": [str(condition), yes, no]}:
            return take_branches(yes if mode[condition] else no, mode)
        case dict():
            inside = {name: take_branches(one, mode) for name, one in node.items()}
            return {name: one for name, one in inside.items() if one != _NO_VALUE}
        case list():
            return [one for one in (take_branches(one, mode) for one in node) if one != _NO_VALUE]
    return node


def list_references(node: Node) -> Iterator[str]:
    """Every logical id, parameter and pseudo parameter that a node refers to."""
    match node:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::Sub": [str(text), dict(given)]}:
            yield from (name for name in _list_variables(text) if name not in given)
            yield from list_references(list(given.values()))
        case {"Fn::Sub": str(text)}:
            yield from _list_variables(text)
        case dict():
            for one in node.values():
                yield from list_references(one)
        case list():
            for one in node:
                yield from list_references(one)


def list_needs(resource: Node) -> set[str]:
    """All that a resource waits for by itself: what it refers to, and its `DependsOn`."""
    after = resource.get("DependsOn", [])
    return {*list_references(resource), *([after] if isinstance(after, str) else after)}


def list_before(late: str, made: Mapping[str, Node]) -> set[str]:
    """The resources that CloudFormation creates before this one, and deletes after it."""
    before: set[str] = set()
    ahead = [late]
    while ahead:
        found = (list_needs(made[ahead.pop()]) & set(made)) - before
        before |= found
        ahead += found
    return before


def _list_variables(text: str) -> list[str]:
    return [name.partition(".")[0] for name in _VARIABLE.findall(text)]
