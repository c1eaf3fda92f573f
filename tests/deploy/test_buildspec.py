"""The commands of the image's build: in which order it logs in, and what it does where a login is refused.

`aws`, `docker` and the rest are scripts that write down what they were asked. tests/image runs the same commands with a
real build.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from tests.bounds import WAIT_S
from tests.deploy.stack_template import properties
from tests.deploy.test_template_permissions import may

PRIVATE = "000000000000.dkr.ecr.eu-west-1.amazonaws.com"
PUBLIC = "public.ecr.aws"
TOKENS = {"aws ecr-public get-login-password --region us-east-1": PUBLIC, "aws ecr get-login-password": PRIVATE}
# One script under each name. A token is its registry, so that a login can be told from another.
PROGRAM = """#!/bin/sh
name=$(basename "$0")
echo "$name $*" >>"$ASKED"
case "$name $*" in
"$REFUSED"*) exit 254 ;;
"aws ecr-public "*) echo public.ecr.aws ;;
"aws ecr "*) echo 000000000000.dkr.ecr.eu-west-1.amazonaws.com ;;
"aws "*) echo https://layer.example/source.zip ;;
"docker login "*) read -r token; for registry; do :; done; [ "$token" = "$registry" ] ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Ran:
    status: int
    asked: list[str]
    said: str


def run(folder: Path, *, refused: str = "nothing") -> Ran:
    """The commands, in one shell, as `shell: bash` and `on-failure: ABORT` have it."""
    spec = msgspec.yaml.decode(properties("ImageProject")["Source"]["BuildSpec"])
    (programs := folder / "bin").mkdir()
    for name in ("aws", "docker", "curl", "unzip"):
        (programs / name).write_text(PROGRAM)
        (programs / name).chmod(0o755)
    ran = subprocess.run(
        ["/bin/bash", "-c", "\n".join(spec["phases"]["build"]["commands"])],
        cwd=folder,
        env={
            "PATH": f"{programs}:{os.environ['PATH']}",
            "ASKED": str(folder / "asked"),
            "REFUSED": refused,
            "SOURCE_LAYER_ARN": "arn:aws:lambda:eu-west-1:000000000000:layer:source:1",
            "IMAGE": f"{PRIVATE}/warmline:arm64-0123",
            "PLATFORM": "linux/arm64",
        },
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    return Ran(ran.returncode, (folder / "asked").read_text().splitlines(), ran.stdout + ran.stderr)


def test_the_base_is_loaded_by_an_account_that_has_logged_in(tmp_path: Path) -> None:
    """ECR Public lets a stranger load one image a second, counted by address, and an account ten.

    It has an API in us-east-1 alone. https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html,
    https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html
    """
    ran = run(tmp_path)

    assert ran.status == 0, ran.said
    build = next(line for line in ran.asked if line.startswith("docker build "))
    before = ran.asked[: ran.asked.index(build)]
    for token, registry in TOKENS.items():
        assert {token, f"docker login --username AWS --password-stdin {registry}"} <= set(before)


def test_without_that_login_the_base_is_loaded_all_the_same(tmp_path: Path) -> None:
    ran = run(tmp_path, refused="aws ecr-public ")

    assert ran.status == 0, ran.said
    assert "without a login" in ran.said
    assert ran.asked[-1] == f"docker push {PRIVATE}/warmline:arm64-0123"


@pytest.mark.parametrize("refused", ["aws lambda ", "aws ecr ", "curl ", "unzip ", "docker build ", "docker push "])
def test_any_other_failure_ends_the_build(refused: str, tmp_path: Path) -> None:
    ran = run(tmp_path, refused=refused)

    assert ran.status != 0
    assert not [line for line in ran.asked if line.startswith("docker push ") and not refused.startswith("docker push")]


def test_the_build_may_log_in_to_the_public_registry() -> None:
    """https://docs.aws.amazon.com/cli/latest/reference/ecr-public/get-login-password.html names both permissions."""
    allowed = may("ImageProjectRole")

    assert allowed["ecr-public:GetAuthorizationToken"] == allowed["sts:GetServiceBearerToken"] == ["*"]
