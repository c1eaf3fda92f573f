"""Both functions as `sam build` makes them for AWS, to be run here: `python -m sandbox.aws.artifacts` builds them.

They run under AWS's own runtime (`awslambdaric`), in an environment that has what Lambda's has and nothing else, so
that whatever an artifact lacks shows. How each one is run (handler, time, memory, variables, routes) is read from the
template that was built: it is the template that is tried. They are built for this machine's processor. Unlike in
Lambda, the files could be written to, and nothing limits memory. Linux only, as that runtime is.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from sandbox.aws.functions import EventInvokeConfig, Function

_ROOT = Path(__file__).parents[2]
BUILT = _ROOT / ".aws-sam" / "here" / "build"  # beside what is deployed, which is built for another processor
_SAM = _ROOT / ".venv-deploy" / "bin" / "sam"
_PYTHON = _ROOT / ".venv-lambda" / "bin" / "python"
# -B: Lambda's file system cannot be written to, and what ran here may be deployed afterwards.
RUNTIME = (str(_PYTHON), "-B", "-m", "awslambdaric")
_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_FUNCTION = "AWS::Serverless::Function"


class ArtifactsError(Exception):
    """There is nothing built, or it cannot be run as the template says; the message says what and why."""


class _Variables(msgspec.Struct, rename="pascal"):
    variables: dict[str, object] = {}


class _Event(msgspec.Struct, rename="pascal"):
    type: str
    properties: dict[str, object] = {}


class _EventInvokeConfig(msgspec.Struct, rename="pascal"):
    maximum_event_age_in_seconds: Annotated[int, msgspec.Meta(ge=60, le=21_600)] = 21_600
    maximum_retry_attempts: Annotated[int, msgspec.Meta(ge=0, le=2)] = 2


class _Properties(msgspec.Struct, rename="pascal"):
    """Properties of a function, or what all of them have in common. The defaults are Lambda's."""

    handler: str = ""
    code_uri: str = ""
    timeout: int = 3
    memory_size: int = 128
    environment: _Variables = msgspec.field(default_factory=_Variables)
    layers: list[object] = []
    events: dict[str, _Event] = {}
    event_invoke_config: _EventInvokeConfig = msgspec.field(default_factory=_EventInvokeConfig)


class _Resource(msgspec.Struct, rename="pascal"):
    type: str
    properties: dict[str, object] = {}


class _Globals(msgspec.Struct, rename="pascal"):
    function: dict[str, object] = {}


class _Template(msgspec.Struct, rename="pascal"):
    resources: dict[str, _Resource]
    globals: _Globals = msgspec.field(default_factory=_Globals)


class Artifacts:
    """What `build` left in this folder. Raises ArtifactsError."""

    def __init__(self, folder: Path = BUILT) -> None:
        self.folder = folder
        try:
            text = (folder / "template.yaml").read_bytes()
            self._template = msgspec.yaml.decode(text, type=_Template)
        except FileNotFoundError:
            raise ArtifactsError(f"Nothing was built in {folder}: run python -m sandbox.aws.artifacts.") from None
        except msgspec.MsgspecError as error:
            raise ArtifactsError(f"{folder / 'template.yaml'}: {error}") from None

    @property
    def names(self) -> list[str]:
        """The logical ids of all functions."""
        return [name for name, resource in self._template.resources.items() if resource.type == _FUNCTION]

    def read_function(
        self, name: str, settings: Mapping[str, str], besides: Mapping[str, str] | None = None
    ) -> Function:
        """The function with this logical id, given the variables that the template gives it.

        `settings` has the values of those that are known in AWS only. `besides` are variables that the template leaves
        out because their default is the real service.
        """
        properties = self._read_properties(name)
        environment = {
            variable: self._resolve_variable(name, variable, value, settings)
            for variable, value in properties.environment.variables.items()
        }
        asynchronous = properties.event_invoke_config
        return Function(
            self.folder / properties.code_uri,
            properties.handler,
            {**environment, **(besides or {})},
            layers=tuple(self._find_layer(name, layer) for layer in properties.layers),
            timeout_s=properties.timeout,
            memory_mb=properties.memory_size,
            event_invoke_config=EventInvokeConfig(
                asynchronous.maximum_event_age_in_seconds, asynchronous.maximum_retry_attempts
            ),
            runtime=RUNTIME,
        )

    def list_routes(self, name: str) -> list[str]:
        """The routes of the HTTP API that lead to this function: "POST /path"."""
        events = self._read_properties(name).events.values()
        return [
            f"{event.properties.get('Method')} {event.properties.get('Path')}"
            for event in events
            if event.type == "HttpApi"
        ]

    def _read_properties(self, name: str) -> _Properties:
        resource = self._template.resources.get(name)
        if resource is None or resource.type != _FUNCTION:
            raise ArtifactsError(f"The template has no function {name}; it has {', '.join(self.names) or 'none'}.")
        shared = self._template.globals.function
        try:
            every, own = (msgspec.convert(each, _Properties) for each in (shared, resource.properties))
            merged = msgspec.convert({**shared, **resource.properties}, _Properties)
        except msgspec.ValidationError as error:
            raise ArtifactsError(f"Function {name} in the template: {error}") from None
        # SAM merges these two, and lets the function's own value stand for everything else.
        merged.environment.variables = {**every.environment.variables, **own.environment.variables}
        merged.layers = [*every.layers, *own.layers]
        return merged

    @staticmethod
    def _resolve_variable(name: str, variable: str, value: object, settings: Mapping[str, str]) -> str:
        if isinstance(value, str | int | float):
            return str(value)
        try:
            return settings[variable]
        except KeyError:
            what = f"nothing here stands for the {variable} of the template, {value}"
            raise ArtifactsError(f"Function {name}: {what}.") from None

    def _find_layer(self, name: str, layer: object) -> Path:
        """The folder that Lambda would show as /opt/python."""
        reference = layer.get("Ref") if isinstance(layer, dict) else None
        resource = self._template.resources.get(str(reference))
        if resource is None or resource.type != "AWS::Serverless::LayerVersion":
            raise ArtifactsError(f"Function {name}: expected a layer of this template, got {layer}.")
        return self.folder / str(resource.properties.get("ContentUri")) / "python"


def build(folder: Path = BUILT, *, architecture: str = "", cached: bool = False, sam: Path = _SAM) -> None:
    """Have SAM build everything in the template, for this machine if not told otherwise.

    Raises ArtifactsError with what SAM said.
    """
    architecture = architecture or _ARCHITECTURES.get(platform.machine().lower(), platform.machine())
    caching = ["--cached", "--cache-dir", str(folder.parent / "cache")] if cached else ["--no-cached"]
    # SAM looks for the runtime's Python on PATH.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    command = [str(sam), "build", "--build-dir", str(folder), *caching]
    try:
        done = subprocess.run(
            [*command, "--parameter-overrides", f"Architecture={architecture}"],
            cwd=_ROOT,
            env={**os.environ, "PATH": path, "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise ArtifactsError(f"SAM's command line is not there: expected {sam}.") from None
    if done.returncode:
        raise ArtifactsError(f"sam build ended with {done.returncode}:\n{done.stdout[-4000:]}")


if __name__ == "__main__":
    print(f"Building the functions for this machine into {BUILT.relative_to(_ROOT)}.")
    try:
        build(cached=True)
    except ArtifactsError as failed:
        sys.exit(str(failed))
