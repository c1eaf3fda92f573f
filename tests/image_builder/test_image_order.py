"""The properties of the resource, good and bad."""

import pytest

from custom_resource import FailedError
from image_order import Order, read
from tests.image_builder.aws import LAYER, PROJECT, REPOSITORY, REPOSITORY_NAME
from tests.image_builder.conftest import PROPERTIES, Stack

GARBAGE: tuple[object, ...] = (None, "", " ", "garbage", 7, [], {}, "\x00", "x" * 10_000)


def test_the_properties_are_read() -> None:
    order = read({**PROPERTIES, "ServiceToken": "…", "ServiceTimeout": "890"})

    assert order == Order(f"{LAYER}:1", PROJECT, REPOSITORY, "000000000000", REPOSITORY_NAME, "arm64")
    assert order.platform == "linux/arm64"


@pytest.mark.parametrize(
    "repository",
    [
        "000000000000.dkr.ecr.cn-north-1.amazonaws.com.cn/warmline",
        "000000000000.dkr-ecr.eu-west-1.on.aws/team/warm_line-image",
    ],
)
def test_a_repository_may_lie_elsewhere(repository: str) -> None:
    assert read({**PROPERTIES, "Repository": repository}).repository == repository


@pytest.mark.parametrize("name", ["SourceLayerArn", "Repository", "Architecture"])
@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda value: repr(value)[:20])
def test_garbage_is_named(name: str, garbage: object) -> None:
    with pytest.raises(FailedError, match=f"^Property {name}: expected .*, got ") as raised:
        read({**PROPERTIES, name: garbage})

    assert len(str(raised.value)) < 400


@pytest.mark.parametrize("garbage", ["", "a b", 7, None, "-", "x" * 300])
def test_a_project_has_a_name(garbage: object) -> None:
    with pytest.raises(FailedError, match=r"^Property Project: expected the name of a CodeBuild project, got "):
        read({**PROPERTIES, "Project": garbage})


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(FailedError) as raised:
        read({})

    assert str(raised.value).count("got nothing.") == 4


def test_garbage_asks_nobody(stack: Stack) -> None:
    assert stack.reason(Architecture="mips", Project="").startswith("Property Project: ")
    assert stack.aws.asked == []
