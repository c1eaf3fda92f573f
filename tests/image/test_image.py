"""What is in the image, and what is not."""

import json

import pytest

from tests.image.codebuild import LAYER
from tests.image.conftest import IMAGE, Built
from tests.image.unpacked import Unpacked

# Every module that a start loads, with where Python would look for its compiled form.
LOADED = """
import json, os, sys
import boto3, uvicorn, uvloop
import socket_server.__main__, socket_server.app
boto3.client("lambda", region_name="us-east-1"), boto3.client("dynamodb", region_name="us-east-1")
specs = [module.__spec__ for module in sys.modules.values() if getattr(module, "__spec__", None)]
sources = {spec.name: spec.cached for spec in specs if (spec.origin or "").endswith(".py")}
json.dump({name: os.path.exists(cached) for name, cached in sources.items()}, sys.stdout)
"""


def test_the_buildspec_asks_for_the_source_and_for_one_push(built: Built) -> None:
    registry, _, _ = IMAGE.partition("/")

    assert built.asked[0] == f"aws lambda get-layer-version-by-arn --arn {LAYER} --query Content.Location --output text"
    assert sorted(built.asked[1:5]) == [
        "aws ecr get-login-password",
        "aws ecr-public get-login-password --region us-east-1",
        f"docker login --username AWS --password-stdin {registry}",
        "docker login --username AWS --password-stdin public.ecr.aws",
    ]
    assert built.asked[5].startswith("docker build --platform linux/")
    assert built.asked[6:] == [f"docker push {IMAGE}"]


def test_the_image_is_less_than_150_mb_above_its_base(built: Built) -> None:
    base, image = built.buildah.list_layers(built.base), built.buildah.list_layers(IMAGE)

    assert image[: len(base)] == base
    assert 50_000_000 < sum(layer.size for layer in image[len(base) :]) < 150_000_000


def test_the_process_gets_its_signals_itself(unpacked: Unpacked) -> None:
    assert unpacked.config.cmd == ["python", "-m", "socket_server"]  # and no shell around it


def test_what_was_only_needed_to_build_is_not_in_the_image(unpacked: Unpacked, built: Built) -> None:
    app = unpacked.root / "opt" / "warmline"

    assert sorted(path.name for path in app.iterdir()) == ["compiled", "packages", "socket_server"]
    assert list(app.rglob("__pycache__")) == []
    with built.buildah.mount(built.base) as (_, base):
        for name in ("etc", "root", "tmp", "usr/local"):
            before = {path.relative_to(base) for path in (base / name).rglob("*")}
            assert {path.relative_to(unpacked.root) for path in (unpacked.root / name).rglob("*")} == before


async def test_every_module_of_a_start_is_compiled(unpacked: Unpacked) -> None:
    status, said = await unpacked.says("python", "-c", LOADED)

    assert status == 0, said
    loaded = json.loads(said)
    assert {"socket_server.app", "call_record", "botocore.client", "asyncio.events", "twilio"} <= loaded.keys()
    assert [name for name, compiled in loaded.items() if not compiled] == []
    assert "twilio.rest" not in loaded  # which is not compiled


async def test_the_process_is_nobody_in_particular(unpacked: Unpacked) -> None:
    assert await unpacked.says("id", "-u") == (0, "10001")
    assert await unpacked.says("id", "-G") == (0, "10001")


@pytest.mark.parametrize("place", ["/", "/tmp", "/var/tmp", "/opt/warmline", "/opt/warmline/compiled"])  # noqa: S108 (nothing is put there)
async def test_nothing_can_be_written(unpacked: Unpacked, place: str) -> None:
    status, said = await unpacked.says("touch", f"{place}/file")

    assert status == 1
    assert "Read-only file system" in said


async def test_a_missing_setting_is_one_line(unpacked: Unpacked) -> None:
    assert await unpacked.says(*unpacked.config.cmd) == (1, "socket_server: STREAM_URL is missing")


async def test_the_health_check_fails_when_nothing_listens(unpacked: Unpacked) -> None:
    status, said = await unpacked.says(*unpacked.health_check, PORT="1")

    assert status == 1
    assert "ConnectionRefusedError" in said
