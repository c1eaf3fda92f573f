"""Builds, changes and takes back the resources of a stack, in their order, as CloudFormation does.

One resource after the other, where CloudFormation builds in parallel what can be. A failure takes back what was done:
a new stack's resources are deleted, a changed stack gets its former properties again.
"""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.deploy.moto_cloud.graph import order
from tests.deploy.moto_cloud.intrinsics import Evaluator, Node, TemplateError
from tests.deploy.moto_cloud.kinds import Facts, Kind, Place, Properties, ReplacedError

Note = Callable[[str, str, str, str, str], None]
"""Told of every step: logical id, physical id, type, status, reason."""


@dataclass(slots=True)
class Resource:
    place: Place
    kind: Kind
    properties: Properties
    facts: Facts

    def ref(self) -> str:
        return self.kind.ref(self.place, self.facts)

    def attribute(self, name: str) -> Node:
        return self.kind.attribute(self.place, self.facts, name)


@dataclass(slots=True)
class StackResources:
    """`where` makes a resource's place from its logical id and type; `kind_of` knows the types."""

    where: Callable[[str, str], Place]
    kind_of: Callable[[str], Kind]
    dynamic: Callable[[str], str]
    note: Note
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    _template: Mapping[str, Node] = field(default_factory=dict)
    _names: Mapping[str, Node] = field(default_factory=dict)

    def deploy(self, template: Mapping[str, Node], names: Mapping[str, Node]) -> str | None:
        """Make the stack what the template says. The answer is why that failed; `take_back` must follow then."""
        try:
            self._apply(template, names)
        except _FailedError as failed:
            return str(failed)
        self._template, self._names = template, names
        return None

    def take_back(self) -> str | None:
        """Make it what it was before: nothing, or what the last good template says. The answer: what is stuck."""
        try:
            if self._template:
                self._apply(self._template, self._names)
            else:
                self.delete()
        except (_FailedError, ClientError, BotoCoreError) as error:
            return str(error)
        return None

    def delete(self) -> None:
        for name in reversed(list(self.resources)):
            resource = self.resources.pop(name)
            resource.kind.delete(resource.place, resource.facts)
            self.note(name, "", resource.place.type, "DELETE_COMPLETE", "")

    def _apply(self, template: Mapping[str, Node], names: Mapping[str, Node]) -> None:
        evaluator = Evaluator(template, names, self.resources, self.dynamic)
        declared = template["Resources"]
        wanted = _run_or_fail("the template", lambda: order(declared, evaluator))
        replaced: list[Resource] = []
        for name in wanted:
            try:
                replaced += self._build(name, declared[name], evaluator)
            except (TemplateError, ClientError, BotoCoreError, KeyError, ValueError, AssertionError) as error:
                reason = (
                    str(error)
                    if isinstance(error, (TemplateError, ClientError, BotoCoreError))
                    else traceback.format_exc()
                )
                verb = "UPDATE" if name in self.resources else "CREATE"
                self.note(name, "", declared[name]["Type"], f"{verb}_FAILED", reason)
                raise _FailedError(f"The following resource(s) failed: [{name}]. {reason}") from error
        for name in [name for name in reversed(list(self.resources)) if name not in wanted]:
            replaced.append(self.resources.pop(name))
        for resource in replaced:
            resource.kind.delete(resource.place, resource.facts)
        self.outputs = _run_or_fail("Outputs", lambda: _make_outputs(template, evaluator))

    def _build(self, name: str, declared: Node, evaluator: Evaluator) -> list[Resource]:
        """Create or change one resource. The answer: the one whose place it took, which must go at the end."""
        properties = evaluator.evaluate(declared.get("Properties", {}))
        there = self.resources.get(name)
        if there and there.place.type == declared["Type"]:
            if there.properties == properties:
                return []
            old, there.properties = there.properties, properties  # even if it fails: then it must be taken back
            try:
                there.facts = there.kind.update(there.place, there.facts, old, properties)
            except ReplacedError:
                there.properties = old
            else:
                self.note(name, there.ref(), declared["Type"], "UPDATE_COMPLETE", "")
                return []
        place, kind = self.where(name, declared["Type"]), self.kind_of(declared["Type"])
        self.resources[name] = Resource(place, kind, properties, kind.create(place, properties))
        self.note(name, self.resources[name].ref(), declared["Type"], "CREATE_COMPLETE", "")
        return [there] if there else []


class _FailedError(Exception):
    """A step failed, and has been told of."""


def _run_or_fail(what: str, step: Callable[[], Any]) -> Any:
    try:
        return step()
    except TemplateError as error:
        raise _FailedError(f"{what}: {error}") from error


def _make_outputs(template: Mapping[str, Node], evaluator: Evaluator) -> dict[str, dict[str, str]]:
    declared = template.get("Outputs", {}).items()
    wanted = {name: one for name, one in declared if "Condition" not in one or evaluator.condition(one["Condition"])}
    return {
        name: {"value": str(evaluator.evaluate(one["Value"])), "description": one.get("Description", "")}
        for name, one in wanted.items()
    }
