"""Functions, their versions, layers and permissions: built in moto with the archives that `sam deploy` uploaded."""

from collections.abc import Mapping

from tests.deploy.moto_cloud.api_requests import to_api_request
from tests.deploy.moto_cloud.kinds import ByApi, Facts, Kept, Kind, Place, Properties, ReplacedError, find_changes

_CODE = frozenset({"Code", "Architectures"})
_APART = frozenset({"ReservedConcurrentExecutions", "RecursiveLoop"})


class _Function:
    """Code and configuration change by requests of their own."""

    def create(self, place: Place, properties: Properties) -> Facts:
        named = {"FunctionName": place.make_name(), **properties}
        return self._make_facts(place, "create_function", properties, named)

    def update(self, place: Place, facts: Facts, old: Properties, properties: Properties) -> Facts:
        named = {**properties, "FunctionName": facts["FunctionName"]}
        if properties.get("FunctionName", facts["FunctionName"]) != facts["FunctionName"]:
            raise ReplacedError
        now = facts
        if find_changes(old, properties) & _CODE:
            code = {**properties["Code"], "Architectures": properties["Architectures"]}
            now = self._make_facts(
                place, "update_function_code", properties, {"FunctionName": facts["FunctionName"], **code}
            )
        if find_changes(old, properties) - _CODE:
            rest = {name: value for name, value in named.items() if name not in _CODE | {"Tags", "PackageType"}}
            now = self._make_facts(place, "update_function_configuration", properties, rest)
        return now

    def delete(self, place: Place, facts: Facts) -> None:
        place.client("lambda").delete_function(FunctionName=facts["FunctionName"])

    def ref(self, place: Place, facts: Facts) -> str:  # noqa: ARG002 (as every kind)
        return str(facts["FunctionName"])

    def attribute(self, place: Place, facts: Facts, name: str) -> str:
        assert name == "Arn", f"{place.logical_id}.{name}: expected Arn"
        return str(facts["FunctionArn"])

    def _make_facts(self, place: Place, method: str, properties: Properties, sent: Properties) -> Facts:
        client = place.client("lambda")
        model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
        kept = {name: value for name, value in sent.items() if name not in _APART}
        answer = getattr(client, method)(**to_api_request(model.input_shape, kept, place.logical_id))
        return {**properties, "FunctionName": answer["FunctionName"], "FunctionArn": answer["FunctionArn"]}


LAMBDA: Mapping[str, Kind] = {
    "AWS::Lambda::Function": _Function(),
    "AWS::Lambda::Version": ByApi(
        "lambda",
        "publish_version",
        "{FunctionArn}",
        {"Version": "{Version}", "FunctionArn": "{FunctionArn}"},
    ),
    "AWS::Lambda::Alias": ByApi(
        "lambda",
        "create_alias",
        "{AliasArn}",
        {"AliasArn": "{AliasArn}"},
        updating="update_alias",
        deleting="delete_alias",
        key={"FunctionName": "{FunctionName}", "Name": "{Name}"},
    ),
    "AWS::Lambda::LayerVersion": ByApi(
        "lambda",
        "publish_layer_version",
        "{LayerVersionArn}",
        {"LayerVersionArn": "{LayerVersionArn}"},
        deleting="delete_layer_version",
        key={"LayerName": "{LayerName}", "VersionNumber": "{Version}"},
        name="LayerName",
    ),
    "AWS::Lambda::Permission": Kept(replaced_by=frozenset({"FunctionName", "Action", "Principal", "SourceArn"})),
    "AWS::Lambda::EventInvokeConfig": Kept(replaced_by=frozenset({"FunctionName", "Qualifier"})),
}
