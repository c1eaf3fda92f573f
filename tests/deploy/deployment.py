"""`sam build` and `sam deploy`, unmodified, from a copy of the repository against an AWS account on loopback.

The account is `tests/deploy/moto_cloud`, in a process of its own. SAM's command sees nothing of the developer: neither
their home, nor their AWS profile, nor their proxy.
"""

import contextlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
import tomllib
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import boto3
from botocore.config import Config

from tests.bounds import read_line

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".venv-deploy" / "bin"
REGION, BUCKET = "us-east-1", "uploads"
WIRED = "wired"  # the stack that is deployed with all that a choice adds, and looked at by several files
# The functions that the deploy itself invokes run here, so they are built for this machine.
ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
DEPLOYED = ("functions", "image", "layers", "requirements", "socket_server")
TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "1" * 32,
    "STREAM_TOKEN_SECRET": "a secret of thirty-two bytes, or more",
}
OPENAI = {"OPENAI_API_KEY": "sk-of-the-tests"}

type Node = Any  # JSON of any shape: the tests know which one they look for


@dataclass(frozen=True, slots=True)
class Account:
    """AWS as it is reached."""

    port: int

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"  # the word: SAM makes host names of buckets with it

    def client(self, service: str, role: str = "tests") -> Any:
        """The SDK's client of a service, by its name; who takes a role of the stack may do what that may do."""
        return boto3.session.Session().client(  # type: ignore[call-overload]  # the name is not a literal
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=role,
            aws_secret_access_key="tests",
            config=Config(proxies={}),
        )

    def resources(self, stack: str) -> dict[str, Node]:
        """Every resource of a stack: logical id -> type, id, and properties as CloudFormation resolved them."""
        found: dict[str, Node] = self._ask(f"/resources/{stack}")
        return found

    def permissions(self, stack: str, kind: Literal["used", "refused"]) -> set[tuple[str, str]]:
        """Logical id of the role, and the action, of what the stack's functions asked of AWS so far."""
        names = {one["id"]: name for name, one in self.resources(stack).items() if one["type"] == "AWS::IAM::Role"}
        return {(names[role], action) for role, action in self._ask("/permissions")[kind] if role in names}

    def _ask(self, path: str) -> Node:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
            return json.load(answer)

    def outputs(self, stack: str) -> dict[str, str]:
        (found,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}

    def status(self, stack: str) -> str:
        (found,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return str(found["StackStatus"])

    def stacks(self) -> set[str]:
        return {one["StackName"] for one in self.client("cloudformation").describe_stacks()["Stacks"]}

    def put_secret(self, name: str, value: Mapping[str, str]) -> None:
        self.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(value))


@contextlib.contextmanager
def account() -> Iterator[Account]:
    """An account with a bucket for SAM and both secrets, as `make secrets` leaves them."""
    command = [str(TOOLS / "python"), "-m", "sandbox.run_with_parent", "tests.deploy.moto_cloud"]
    environment = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": REGION, "AWS_CONFIG_FILE": os.devnull}
    # Its standard error is the requests and the functions' logs: pytest shows them when a test fails.
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**environment, "TMPDIR": folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        line = read_line(process.stdout)
        assert line, "the account did not start: see above"
        made = Account(int(line))
        made.client("s3").create_bucket(Bucket=BUCKET)
        made.put_secret("warmline/twilio", TWILIO)
        made.put_secret("warmline/openai", OPENAI)
        try:
            yield made
        finally:
            process.kill()


@dataclass(frozen=True, slots=True)
class Run:
    """A command that has ended."""

    status: int
    said: str
    """Standard output and error; line breaks and columns of tables are single spaces."""


@dataclass(frozen=True, slots=True)
class Project:
    """A copy of what is deployed, in a folder of its own, for changes and for SAM's caches."""

    folder: Path
    environment: Mapping[str, str] = field(repr=False)

    @classmethod
    def copy(cls, folder: Path, account: Account) -> "Project":
        for name in DEPLOYED:
            shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("template.yaml", "samconfig.toml", ".python-version"):
            shutil.copy(ROOT / name, folder / name)
        home = folder / "home"
        home.mkdir()
        return cls(folder, _make_environment(home, account))

    def build(self) -> None:
        run = self._run_sam("build", "--parameter-overrides", f"Architecture={ARCHITECTURE}")
        assert run.status == 0, run.said

    def deploy(self, stack: str, *, stage: str = "default", **parameters: str) -> Run:
        """`sam deploy --config-env STAGE`, with parameters beside samconfig.toml's, and into a bucket that is there.

        SAM's own bucket is a stack of its own, which has nothing of ours.
        """
        configured = tomllib.loads((self.folder / "samconfig.toml").read_text())[stage]["deploy"]["parameters"]
        given = dict(one.split("=", 1) for one in configured["parameter_overrides"].split())
        chosen = {**given, "Architecture": ARCHITECTURE, **parameters}
        return self._run_sam(
            *("deploy", "--config-env", stage, "--stack-name", stack, "--no-confirm-changeset"),
            *("--s3-bucket", BUCKET, "--no-resolve-s3"),
            *("--parameter-overrides", *(f"{name}={value}" for name, value in chosen.items())),
        )

    def _run_sam(self, *arguments: str) -> Run:
        run = subprocess.run(
            [TOOLS / "sam", *arguments],
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        words = run.stdout.split()
        return Run(run.returncode, " ".join(word for word in words if word.strip("-")))  # no ruled lines


def _make_environment(home: Path, account: Account) -> dict[str, str]:
    return {
        "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}",  # python3.13, for `sam build`
        "HOME": str(home),
        "PIP_CACHE_DIR": str(Path.home() / ".cache" / "pip"),
        "AWS_ENDPOINT_URL": account.url,
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "tests",
        "AWS_DEFAULT_REGION": REGION,
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.5",
        "COLUMNS": "4000",  # a table breaks no sentence
        **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
    }
