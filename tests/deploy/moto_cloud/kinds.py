"""What a type of resource is here: what builds it, what `Ref` and `GetAtt` give, what changes it.

`Kept` stands in for what moto lacks: its properties are kept as CloudFormation would have handed them over, so that
they can be read back, and nothing serves them. `ByApi` builds the resource in moto by requests of the service's API.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.model import OperationModel

from tests.deploy.moto_cloud.api_requests import to_api_request
from tests.deploy.moto_cloud.intrinsics import Node, TemplateError

type Properties = dict[str, Node]
type Facts = dict[str, Any]  # what the service said of a resource, and its properties


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource is built."""

    stack: str
    stack_id: str
    logical_id: str
    type: str
    region: str
    account: str
    url: str
    """Of this cloud."""
    client: Callable[[str], Any]
    """The SDK's client of a service, by its name."""

    def make_name(self) -> str:
        """What CloudFormation calls a resource whose template gives it no name."""
        name, end = f"{self.stack}-{self.logical_id}", f"-{secrets.token_hex(6)}"
        if self.type.startswith("AWS::ElasticLoadBalancingV2::"):  # at most 32 characters
            name = name[: 32 - len(end)]
        return (name + end).lower() if self.type == "AWS::ECR::Repository" else name + end


class ReplacedError(Exception):
    """The change cannot be made to the resource that exists: another one takes its place."""


class Kind(Protocol):
    def create(self, place: Place, properties: Properties) -> Facts: ...

    def update(self, place: Place, facts: Facts, old: Properties, properties: Properties) -> Facts:
        """Raises `ReplacedError`."""

    def delete(self, place: Place, facts: Facts) -> None: ...

    def ref(self, place: Place, facts: Facts) -> str: ...

    def attribute(self, place: Place, facts: Facts, name: str) -> Node: ...


@dataclass(frozen=True, slots=True)
class Kept:
    """`id` is drawn once and stays. The formats may name it, `region`, `account`, `stack` and the properties."""

    ref_format: str = "{id}"
    attributes: Mapping[str, str] = field(default_factory=dict)
    draw: Callable[[Place], str] = lambda _: secrets.token_hex(5)
    replaced_by: frozenset[str] = frozenset()
    """Properties whose change makes another resource."""

    def create(self, place: Place, properties: Properties) -> Facts:
        return {**properties, "id": self.draw(place)}

    def update(self, place: Place, facts: Facts, old: Properties, properties: Properties) -> Facts:  # noqa: ARG002
        if self.replaced_by & find_changes(old, properties):
            raise ReplacedError
        return {**properties, "id": facts["id"]}

    def delete(self, place: Place, facts: Facts) -> None:
        """There is nothing behind it."""

    def ref(self, place: Place, facts: Facts) -> str:
        return _format(self.ref_format, place, facts)

    def attribute(self, place: Place, facts: Facts, name: str) -> Node:
        return _attribute(self.attributes, place, facts, name)


@dataclass(frozen=True, slots=True)
class ByApi:
    service: str
    creating: str
    """The client's method; the methods of a change and of the end are beside it, empty where there is none."""
    ref_format: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    updating: str = ""
    deleting: str = ""
    key: Mapping[str, str] = field(default_factory=dict)
    """How the other two methods name the resource: parameter -> format."""
    answer: str = ""
    """Where in the service's answer the facts are."""
    name: str = ""
    """The property that CloudFormation fills when the template does not."""
    rename: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    """Properties that are no parameters of these methods: `after` takes them, or moto has no place for them."""
    after: Callable[[Place, Facts, Properties], None] | None = None

    def create(self, place: Place, properties: Properties) -> Facts:
        named = {self.name: place.make_name()} if self.name else {}
        facts = self._ask(place, self.creating, {}, {**named, **properties}, self.answer)
        if self.after:
            self.after(place, facts, properties)
        return facts

    def update(self, place: Place, facts: Facts, old: Properties, properties: Properties) -> Facts:
        now = {**facts, **properties}
        if find_changes(old, properties) - self.apart:
            now |= self._update_changed(place, facts, old, properties)
        if self.after:
            self.after(place, now, properties)
        return now

    def delete(self, place: Place, facts: Facts) -> None:
        if self.deleting:
            self._ask(place, self.deleting, self._make_key(place, facts), {}, "")

    def ref(self, place: Place, facts: Facts) -> str:
        return _format(self.ref_format, place, facts)

    def attribute(self, place: Place, facts: Facts, name: str) -> Node:
        return _attribute(self.attributes, place, facts, name)

    def _make_key(self, place: Place, facts: Facts) -> dict[str, str]:
        return {parameter: _format(text, place, facts) for parameter, text in self.key.items()}

    def _update_changed(self, place: Place, facts: Facts, old: Properties, properties: Properties) -> Facts:
        if not self.updating:
            raise ReplacedError
        shape = self._find_operation(place, self.updating).input_shape
        changeable = {name.lower() for name in shape.members} if shape else set()
        if any(self._sent(name).lower() not in changeable for name in find_changes(old, properties) - self.apart):
            raise ReplacedError
        sent = {name: value for name, value in properties.items() if self._sent(name).lower() in changeable}
        if self._sent(self.name).lower() in changeable:
            sent.setdefault(self.name, facts[self.name])
        return self._ask(place, self.updating, self._make_key(place, facts), sent, self.answer)

    def _ask(self, place: Place, method: str, key: Properties, properties: Properties, answer: str) -> Facts:
        sent = {self._sent(name): value for name, value in properties.items() if name not in self.apart} | key
        parameters = to_api_request(self._find_operation(place, method).input_shape, sent, place.logical_id)
        answered = getattr(place.client(self.service), method)(**parameters)
        for step in filter(None, answer.split(".")):
            answered = answered[int(step) if step.isdecimal() else step]
        return {**properties, **{name: value for name, value in answered.items() if name != "ResponseMetadata"}}

    def _sent(self, name: str) -> str:
        return self.rename.get(name, name)

    def _find_operation(self, place: Place, method: str) -> OperationModel:
        client = place.client(self.service)
        model: OperationModel = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
        return model


def find_changes(old: Properties, new: Properties) -> set[str]:
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def _format(text: str, place: Place, facts: Facts) -> str:
    own = {"region": place.region, "account": place.account, "stack": place.stack}
    return text.format_map({**facts, **own})


def _attribute(attributes: Mapping[str, str], place: Place, facts: Facts, name: str) -> Node:
    if name not in attributes:
        raise TemplateError(
            f"Template error: resource {place.logical_id} does not support attribute type {name} in Fn::GetAtt"
        )
    return _format(attributes[name], place, facts)
