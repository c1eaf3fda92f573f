"""An AWS account on loopback for the tests of the deployment: `python -m tests.deploy.moto_cloud`, port 0, printed.

Run by `.venv-deploy`'s Python, and tied to whoever starts it. Beside the services of AWS it answers at three paths of
its own: where custom resources put their answers; `/resources/STACK`, which tells every resource with its properties as
CloudFormation resolved them; and `/permissions`, which tells what functions used and what they were refused.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # before moto reads it; roles name policies that AWS manages

from moto.awslambda.models import LambdaFunction, LayerVersion, lambda_backends
from moto.cloudformation.models import cloudformation_backends
from moto.iam.models import SERVICE_NAME_CONVERSION
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.deploy.moto_cloud.cloud_formation import Formation, custom_resources
from tests.deploy.moto_cloud.code_build import TARGET, CodeBuild
from tests.deploy.moto_cloud.custom_resources import RESPONSE_PATH
from tests.deploy.moto_cloud.invocations import Functions
from tests.deploy.moto_cloud.permissions import Permissions

REGION, ACCOUNT = "us-east-1", "123456789012"
RESOURCES_PATH, PERMISSIONS_PATH = "/resources/", "/permissions"


def main() -> None:
    server = make_server("127.0.0.1", 0, _make_application(), threaded=True, request_handler=MotoRequestHandler)
    Formation.url = f"http://127.0.0.1:{server.server_port}"
    cloudformation_backends.backend = Formation
    functions = Functions(_make_environment())

    def invoke(function: LambdaFunction, event: Any) -> tuple[str, bool, str]:
        archives = [
            one.code_bytes for one in (function, *(_find_layer(layer["Arn"]) for layer in function.layers)) if one
        ]
        answer = functions.invoke(function, archives, json.dumps(event))
        sys.stderr.write(answer.log)
        return answer.payload, answer.failed, answer.log

    LambdaFunction._invoke_lambda = invoke  # type: ignore[method-assign, assignment]  # moto's own needs Docker
    SERVICE_NAME_CONVERSION["ecs"] = "ECS"  # AWSServiceRoleForECS: moto spells it otherwise
    print(server.server_port, flush=True)  # noqa: T201 (how the starter learns it)
    server.serve_forever()


def _make_application() -> Callable[..., Iterable[bytes]]:
    moto = DomainDispatcherApplication(create_backend_app)
    code_build = CodeBuild(_list_projects, _find_layer, lambda service: _find_formation().client(service))

    permissions = Permissions(ACCOUNT, REGION)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.path.startswith(RESPONSE_PATH):
            custom_resources.receive(request.path, request.get_data())
            return Response()(environ, start_response)
        if request.path.startswith(RESOURCES_PATH):
            told = json.dumps(_list_resources(request.path.removeprefix(RESOURCES_PATH)))
            return Response(told, mimetype="application/json")(environ, start_response)
        if request.path == PERMISSIONS_PATH:
            told = json.dumps({"used": sorted(permissions.used), "refused": sorted(permissions.refused)})
            return Response(told, mimetype="application/json")(environ, start_response)
        if refusal := permissions.find_refusal(request):
            return _make_refusal(request, refusal)(environ, start_response)
        if request.path == "/2018-10-31/layers" and request.args.get("find") == "LayerVersion":
            return _answer_layer(request.args["Arn"])(environ, start_response)
        target = request.headers.get("X-Amz-Target", "")
        if target.startswith(TARGET):
            status, body = code_build.answer(target.removeprefix(TARGET), request.get_data())
            return Response(body, status, mimetype="application/x-amz-json-1.1")(environ, start_response)
        answered: Iterable[bytes] = moto(environ, start_response)
        return answered

    return application


def _find_formation() -> Formation:
    backend = cloudformation_backends[ACCOUNT][REGION]
    assert isinstance(backend, Formation)
    return backend


def _list_projects() -> list[dict[str, Any]]:
    stacks = list(_find_formation().built.values())
    built = [one for stack in stacks for one in list(stack.resources.values())]
    return [one.properties for one in built if one.place.type == "AWS::CodeBuild::Project"]


def _find_layer(arn: str) -> LayerVersion | None:
    return lambda_backends[ACCOUNT][REGION].layers_versions_by_arn(arn)


def _make_refusal(request: Request, reason: str) -> Response:
    """In JSON, or in the XML of the services that speak the query protocol."""
    if "X-Amz-Target" not in request.headers and request.path == "/":
        error = f"<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{escape(reason)}</Message></Error>"
        return Response(f"<ErrorResponse>{error}</ErrorResponse>", 403, mimetype="text/xml")
    headers = {"X-Amzn-ErrorType": "AccessDeniedException"}
    body = {"__type": "AccessDeniedException", "message": reason, "Message": reason}
    return Response(json.dumps(body), 403, headers, mimetype="application/x-amz-json-1.1")


def _answer_layer(arn: str) -> Response:
    """GetLayerVersionByArn, which moto does not have."""
    version = _find_layer(arn)
    if version is None:
        error = {"Message": f"There is no layer version {arn}"}
        headers = {"X-Amzn-ErrorType": "ResourceNotFoundException"}
        return Response(json.dumps(error), 404, headers, mimetype="application/json")
    return Response(json.dumps(version.get_layer_version()), mimetype="application/json")


def _list_resources(stack_name: str) -> dict[str, Any]:
    built = _find_formation().built[_find_formation().get_stack(stack_name).stack_id]
    return {
        name: {"type": one.place.type, "id": one.ref(), "properties": one.properties}
        for name, one in built.resources.items()
    }


def _make_environment() -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": Formation.url,
        "AWS_SECRET_ACCESS_KEY": "function",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }


if __name__ == "__main__":
    main()
