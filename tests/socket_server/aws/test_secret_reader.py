"""A secret that changes while the container runs: what is learnt, in which order; and that bad luck changes nothing."""

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from read_limit import READS
from sandbox.aws.cloud import Cloud
from sandbox.aws.faults import Fails, Silent, Throttles
from signing_keys import BadSecretError
from socket_server.aws.secret_reader import CLIENT, SecretReader, read_api_key


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud() as cloud:
        yield cloud


class Learnt(list[object]):
    """What a reader has told; one that is told a bad one refuses it."""

    def learn(self, secret: object) -> None:
        if secret == "s3cret, but bad":
            raise BadSecretError("the secret: expected better")
        self.append(secret)


@pytest.fixture
def client(cloud: Cloud) -> Iterator[Any]:
    settings = cloud.client_settings | {"config": CLIENT.merge(Config(proxies={}))}
    client = boto3.session.Session().client("secretsmanager", **settings)
    client.create_secret(Name="warmline", SecretString="first")
    yield client
    cloud.secrets.fault = None
    client.delete_secret(SecretId="warmline", ForceDeleteWithoutRecovery=True)
    client.close()


async def test_what_the_secret_says_now_is_learnt_by_whoever_waits(client: Any) -> None:
    learnt = Learnt()
    reader = SecretReader(client, "warmline", learnt.learn)
    reader.read()
    await reader.done()
    await asyncio.to_thread(client.put_secret_value, SecretId="warmline", SecretString="second")
    await reader.read_now()

    assert learnt == ["first", "second"]


@pytest.mark.parametrize("fault", [Fails(), Throttles()])
async def test_a_secret_that_cannot_be_read_changes_nothing_and_is_told(
    cloud: Cloud, client: Any, caplog: pytest.LogCaptureFixture, fault: Fails | Throttles
) -> None:
    learnt = Learnt()
    reader = SecretReader(client, "warmline", learnt.learn)
    cloud.secrets.fault = fault
    await reader.read_now()
    cloud.secrets.fault = None
    await reader.read_now()

    assert learnt == ["first"]
    assert "warmline not read: " in caplog.text


async def test_a_bad_secret_changes_nothing_and_is_told_without_being_shown(
    client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    learnt = Learnt()
    reader = SecretReader(client, "warmline", learnt.learn)
    await asyncio.to_thread(client.put_secret_value, SecretId="warmline", SecretString="s3cret, but bad")
    await reader.read_now()

    assert learnt == []
    assert caplog.messages == ["warmline is bad, and what it said before stays in use: the secret: expected better"]


async def test_a_silent_service_keeps_nobody_waiting_for_long(cloud: Cloud, client: Any) -> None:
    learnt = Learnt()
    reader = SecretReader(client, "warmline", learnt.learn, wait_seconds=0.05)
    cloud.secrets.fault = Silent()
    await reader.read_now()

    assert learnt == []


class Held:
    """A client whose answers wait for a word; each is the number of its question."""

    def __init__(self) -> None:
        self.asked = 0
        self.word = threading.Event()

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 (boto3's name)
        assert SecretId == "warmline"
        self.asked += 1
        number = self.asked
        if not self.word.wait(10):
            raise EndpointConnectionError(endpoint_url="https://secretsmanager.test")
        return {"SecretString": str(number)}


async def test_many_who_need_news_share_a_few_reads_and_all_learn_of_them() -> None:
    held, learnt = Held(), Learnt()
    reader = SecretReader(held, "warmline", learnt.learn)  # type: ignore[arg-type]  # all that is used of it
    waiting = [asyncio.create_task(reader.read_now()) for _ in range(4 * READS)]
    await asyncio.sleep(0)
    held.word.set()
    await asyncio.gather(*waiting)

    assert learnt == [str(number + 1) for number in range(READS)]


def test_the_models_key_is_read() -> None:
    assert read_api_key(json.dumps({"OPENAI_API_KEY": " sk-new "})) == "sk-new"


@pytest.mark.parametrize("secret", ["x", "{}", None, '{"OPENAI_API_KEY": ""}', '{"OPENAI_API_KEY": "s3 cret"}', "[]"])
def test_a_bad_key_of_the_model_is_refused_without_being_shown(secret: str | None) -> None:
    with pytest.raises(BadSecretError) as refused:
        read_api_key(secret)
    assert "s3" not in str(refused.value)
