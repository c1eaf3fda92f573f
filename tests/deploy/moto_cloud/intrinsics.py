"""Evaluates CloudFormation's intrinsic functions, and refuses what CloudFormation would refuse.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html. moto has an evaluator
too, which leaves what it cannot resolve as it is; here nothing unresolved passes.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

type Node = Any  # JSON of a template: whatever its author wrote
NO_VALUE = object()
VARIABLE = re.compile(r"\$\{([^}]*)\}")


class TemplateError(Exception):
    """The template cannot be deployed; the message is what the stack's owner reads."""


class Built(Protocol):
    """A resource that exists."""

    def ref(self) -> str: ...

    def attribute(self, name: str) -> Node:
        """Raises `TemplateError` for one that the type does not have."""


class Evaluator:
    """`names` are parameters and pseudo parameters; `resources` grows while the stack is built."""

    def __init__(
        self,
        template: Mapping[str, Node],
        names: Mapping[str, Node],
        resources: Mapping[str, Built],
        dynamic: Callable[[str], str],
    ) -> None:
        self._mappings = template.get("Mappings", {})
        self._conditions = template.get("Conditions", {})
        self._names = {**names, "AWS::NoValue": NO_VALUE}
        self._resources = resources
        self._dynamic = dynamic

    def condition(self, name: str) -> bool:
        if name not in self._conditions:
            raise TemplateError(f"Template format error: Unresolved condition {name}")
        return self.holds(self._conditions[name])

    def holds(self, node: Node) -> bool:
        match node:
            case {"Condition": str(name)}:
                return self.condition(name)
            case {"Fn::Equals": [one, other]}:
                return str(self.evaluate(one)) == str(self.evaluate(other))
            case {"Fn::Not": [inner]}:
                return not self.holds(inner)
            case {"Fn::And": [*inner]}:
                return all(self.holds(each) for each in inner)
            case {"Fn::Or": [*inner]}:
                return any(self.holds(each) for each in inner)
        raise TemplateError(f"Template error: expected a condition, got {json.dumps(node)}")

    def evaluate(self, node: Node) -> Node:
        """The node with every function replaced by its value; members without a value are left out."""
        match node:
            case dict() if len(node) == 1 and (name := next(iter(node))) in ("Ref", "Condition"):
                return self._resolve_ref(node[name]) if name == "Ref" else self.condition(node[name])
            case dict() if len(node) == 1 and (name := next(iter(node))).startswith("Fn::"):
                return self._evaluate_function(name, node[name])
            case dict():
                pairs = ((key, self.evaluate(inner)) for key, inner in node.items())
                return {key: inner for key, inner in pairs if inner is not NO_VALUE}
            case list():
                return [inner for inner in map(self.evaluate, node) if inner is not NO_VALUE]
            case str():
                return re.sub(r"\{\{resolve:([^}]*)\}\}", lambda found: self._dynamic(found[1]), node)
        return node

    def _resolve_ref(self, name: str) -> Node:
        if name in self._names:
            return self._names[name]
        if name not in self._resources:
            raise TemplateError(f"Template format error: Unresolved resource dependencies [{name}]")
        return self._resources[name].ref()

    def _resolve_attribute(self, name: str, attribute: str) -> Node:
        if name not in self._resources:
            raise TemplateError(f"Template format error: Unresolved resource dependencies [{name}]")
        return self._resources[name].attribute(attribute)

    def _evaluate_function(self, name: str, argument: Node) -> Node:
        match name, argument:
            case "Fn::GetAtt", str():
                return self._resolve_attribute(*argument.split(".", 1))
            case "Fn::GetAtt", [str(resource), attribute]:
                return self._resolve_attribute(resource, self.evaluate(attribute))
            case "Fn::If", [str(condition), then, otherwise]:
                return self.evaluate(then if self.condition(condition) else otherwise)
            case "Fn::Sub", str():
                return self._substitute(argument, {})
            case "Fn::Sub", [str(text), dict(own)]:
                return self._substitute(text, {key: self.evaluate(each) for key, each in own.items()})
        return self._evaluate_plain_function(name, self.evaluate(argument))

    def _evaluate_plain_function(self, name: str, argument: Node) -> Node:
        """Those whose arguments may be evaluated first."""
        match name, argument:
            case "Fn::Join", [str(between), [*parts]]:
                return between.join(str(part) for part in parts)
            case "Fn::Split", [str(between), str(text)]:
                return text.split(between)
            case "Fn::Select", [index, [*members]]:
                return members[int(index)]
            case "Fn::GetAZs", str(region):
                return [f"{region or self._names['AWS::Region']}{letter}" for letter in "abc"]
            case "Fn::Base64", str(text):
                return base64.b64encode(text.encode()).decode()
            case "Fn::FindInMap", [str(mapping), str(first), str(second)]:
                try:
                    return self._mappings[mapping][first][second]
                except KeyError:
                    raise TemplateError(
                        f"Template error: Unable to get mapping for {mapping}::{first}::{second}"
                    ) from None
            case "Fn::ToJsonString", _:
                return json.dumps(argument)
        raise TemplateError(f"Template error: {name} of {json.dumps(argument)} is not known here")

    def _substitute(self, text: str, own: Mapping[str, Node]) -> str:
        def replace(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in own:
                return str(own[name])
            return str(self._resolve_attribute(*name.split(".", 1)) if "." in name else self._resolve_ref(name))

        return self.evaluate(VARIABLE.sub(replace, text))  # type: ignore[no-any-return]  # a text stays a text
