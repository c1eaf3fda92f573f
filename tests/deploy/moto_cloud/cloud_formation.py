"""moto's CloudFormation with what it lacks: the SAM transform, rules, order, failure, taking back.

moto keeps the API, the change sets and the events; the resources are built by `stack`. What is checked when a change
set is created refuses it, as in AWS; what fails later shows in the stack's events, and its status.
"""

import json
import threading
from collections.abc import Mapping
from typing import Any

import boto3
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Event, Stack
from moto.cloudformation.parsing import Output
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform

from tests.deploy.moto_cloud.custom_resources import CustomResources
from tests.deploy.moto_cloud.intrinsics import Node, TemplateError
from tests.deploy.moto_cloud.kinds import Kind, Place
from tests.deploy.moto_cloud.kinds_lambda import LAMBDA
from tests.deploy.moto_cloud.kinds_network import NETWORK
from tests.deploy.moto_cloud.kinds_service import SERVICE
from tests.deploy.moto_cloud.parameters import check_parameters
from tests.deploy.moto_cloud.stack import StackResources

_KINDS: Mapping[str, Kind] = {**NETWORK, **SERVICE, **LAMBDA}
_TRANSFORM = "AWS::Serverless-2016-10-31"
custom_resources = CustomResources()


class Outputs(dict[str, Output]):
    """What moto asks of a stack's outputs."""

    exports: tuple[object, ...] = ()


class Resources(dict[str, Any]):
    """What moto asks of a stack's resources; nothing is built by looking, unlike in its own."""

    def __init__(self) -> None:
        super().__init__()
        self.resolved_parameters: dict[str, Node] = {}
        self.no_echo_parameter_keys: list[str] = []

    def load(self) -> None:
        """There is nothing to be loaded."""

    def build_change_set_actions(self, template: Mapping[str, Node]) -> dict[str, dict[str, dict[str, str]]]:
        """For the table that `sam deploy` shows before it asks; conditions are not looked at."""
        declared = template["Resources"]
        return {
            "Add": {name: _change(name, one["Type"]) for name, one in declared.items() if name not in self},
            "Modify": {name: _change(name, one["Type"]) for name, one in declared.items() if name in self},
            "Remove": {name: _change(name, one.place.type) for name, one in self.items() if name not in declared},
        }


def _change(name: str, kind: str) -> dict[str, str]:
    return {"LogicalResourceId": name, "ResourceType": kind}


class Formation(CloudFormationBackend):
    """The backend that takes the place of moto's: `cloudformation_backends.backend = Formation`."""

    __module__ = "moto.cloudformation.models"  # moto finds the service's URLs by it
    url = ""
    """Of this cloud; set before it serves."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.built: dict[str, StackResources] = {}

    def create_change_set(  # type: ignore[override]  # moto calls it by keywords alone
        self, *, template: str, parameters: dict[str, str], **more: Any
    ) -> tuple[str, str]:
        try:
            translated = self._translate(template, parameters, more["stack_name"])
            declared = translated.get("Parameters", {})
            parameters = {name: str(parameters.get(name, one.get("Default"))) for name, one in declared.items()}
        except TemplateError as error:
            raise ValidationError(message=str(error)) from error
        ids: tuple[str, str] = super().create_change_set(template=json.dumps(translated), parameters=parameters, **more)
        stack = self.get_stack(ids[1])
        if ids[1] not in self.built:
            stack.resource_map = Resources()  # type: ignore[assignment]  # it has what moto asks
            self.built[ids[1]] = self._make_stack_resources(stack)
        return ids

    def execute_change_set(self, change_set_name: str, stack_name: str | None = None) -> None:  # noqa: ARG002
        """Answer at once, and build; a client sees by the stack's status and events how it goes."""
        change_set = self.describe_change_set(change_set_name)
        assert change_set, "moto raises for an unknown one"
        change_set.execution_status = "EXECUTE_COMPLETE"
        stack = self.get_stack(change_set.stack_id)
        _record_event(stack, f"{change_set.change_set_type}_IN_PROGRESS", "User Initiated")
        threading.Thread(target=self._execute, args=(stack, change_set), daemon=True).start()

    def delete_stack(self, name_or_stack_id: str) -> None:
        stack = self.get_stack(name_or_stack_id)
        self.built[stack.stack_id].delete()
        _record_event(stack, "DELETE_COMPLETE")
        self.deleted_stacks[stack.stack_id] = self.stacks.pop(stack.stack_id)

    def _execute(self, stack: Stack, change_set: Any) -> None:
        verb, built = change_set.change_set_type, self.built[stack.stack_id]
        names = self._list_pseudo_parameters(stack.name, stack.stack_id)
        values = check_parameters(change_set.template_dict, change_set.parameters, names)
        failure = built.deploy(change_set.template_dict, {**values, **names})
        if failure:
            way_back = "ROLLBACK" if verb == "CREATE" else "UPDATE_ROLLBACK"
            _record_event(stack, f"{way_back}_IN_PROGRESS", failure)
            stuck = built.take_back()
            _record_event(stack, f"{way_back}_FAILED" if stuck else f"{way_back}_COMPLETE", stuck)
            return
        stack.resource_map.clear()  # type: ignore[attr-defined]
        stack.resource_map.update(built.resources)
        stack.template, stack.parameters = change_set.template, change_set.parameters
        stack.template_dict = change_set.template_dict
        stack.resource_map.resolved_parameters = change_set.parameters
        stack.output_map = Outputs(  # type: ignore[assignment]
            {name: Output(name, one["value"], one["description"]) for name, one in built.outputs.items()}
        )
        _record_event(stack, f"{verb}_COMPLETE")

    def _translate(self, template: str, parameters: Mapping[str, str], stack_name: str) -> dict[str, Node]:
        """The template after SAM's transform, its parameters and rules checked."""
        parsed = Stack.parse_template(template)
        check_parameters(parsed, parameters, self._list_pseudo_parameters(stack_name, "unknown"))
        if parsed.get("Transform") != _TRANSFORM:
            return parsed
        defaults = {name: one["Default"] for name, one in parsed.get("Parameters", {}).items() if "Default" in one}
        given = {**defaults, **parameters, "AWS::Region": self.region_name, "AWS::Partition": "aws"}
        try:
            translated: dict[str, Node] = transform(parsed, given, _ManagedPolicies())
        except InvalidDocumentException as error:
            reasons = "; ".join(cause.message for cause in error.causes)
            raise TemplateError(f"Transform {_TRANSFORM} failed with: {reasons}") from error
        return translated

    def _list_pseudo_parameters(self, stack: str, stack_id: str) -> dict[str, str]:
        return {
            "AWS::AccountId": self.account_id,
            "AWS::Region": self.region_name,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": stack,
            "AWS::StackId": stack_id,
        }

    def _make_stack_resources(self, stack: Stack) -> StackResources:
        def where(logical_id: str, kind: str) -> Place:
            parts = (stack.name, stack.stack_id, logical_id, kind, self.region_name, self.account_id, self.url)
            return Place(*parts, client=self.client)

        def note(*step: str) -> None:
            _record_event(stack, step[3], step[4] or None, step)

        return StackResources(where, _find_kind, self._resolve_dynamic_reference, note)

    def client(self, service: str) -> Any:
        """The SDK's client of a service of this cloud."""
        return boto3.client(  # type: ignore[call-overload]  # the name is not a literal
            service,
            endpoint_url=self.url,
            region_name=self.region_name,
            aws_access_key_id="cloudformation",
            aws_secret_access_key="cloudformation",
        )

    def _resolve_dynamic_reference(self, reference: str) -> str:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html"""
        service, _, rest = reference.partition(":")
        if service != "secretsmanager":
            raise TemplateError(f"Dynamic reference {reference}: only secretsmanager is known here")
        secret_id, _, what = rest.partition(":SecretString")
        text: str = self.client("secretsmanager").get_secret_value(SecretId=secret_id)["SecretString"]
        key = what.removeprefix(":").partition(":")[0]
        return str(json.loads(text)[key]) if key else text


class _ManagedPolicies:
    """The transform asks for names of managed policies; templates that name them by ARN need none."""

    def load(self) -> dict[str, str]:
        return {}


def _find_kind(name: str) -> Kind:
    if name.startswith("Custom::") or name == "AWS::CloudFormation::CustomResource":
        return custom_resources
    if name not in _KINDS:
        raise TemplateError(f"{name}: the tests' cloud has nothing that stands in for it (tests/deploy/moto_cloud)")
    return _KINDS[name]


def _record_event(stack: Stack, status: str, reason: str | None = None, step: tuple[str, ...] = ()) -> None:
    """One event; of the stack itself unless `step` says of which resource."""
    logical_id, physical_id, kind = step[:3] or (stack.name, stack.stack_id, "AWS::CloudFormation::Stack")
    if not step:
        stack.status = status
    stack.events.append(
        Event(stack.stack_id, stack.name, logical_id, physical_id, kind, status, reason, resource_properties=None)
    )
