"""Fixtures for the tests of the doctor: a cloud with its own account, and a healthy installation."""

import asyncio
import copy
import dataclasses
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from doctor.secrets import store_secrets
from sandbox.aws.cloud import Cloud
from sandbox.doctor_target.target import STREAM_HOST, VOICE_HOST, DoctorTarget, run_target
from sandbox.openai.faults import Faults
from sandbox.twilio.account import Account
from tests.bounds import WAIT_S
from tests.doctor.runs import read, write
from tests.doctor.secret_setup import ReadStored, StoreAll

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with Cloud() as cloud:
        yield cloud


@pytest.fixture
def vault(cloud: Cloud) -> "Iterator[SecretsManagerClient]":
    """Secrets Manager of the cloud."""
    client = boto3.session.Session().client(
        "secretsmanager",
        **cloud.client_settings | {"config": Config(proxies={}, retries={"total_max_attempts": 1})},
    )
    yield client
    client.close()


@pytest.fixture
def store_all(vault: "SecretsManagerClient") -> StoreAll:
    return lambda user: store_secrets(vault, "warmline/twilio", "warmline/openai", user.inputs)


@pytest.fixture
def read_stored(vault: "SecretsManagerClient") -> ReadStored:
    """What a secret holds."""
    return lambda name: dict(json.loads(vault.get_secret_value(SecretId=f"warmline/{name}")["SecretString"]))


@pytest.fixture(scope="session")
def running() -> Iterator[DoctorTarget]:
    """The installation. It runs in a thread with its own event loop, because the checks block."""
    started: Future[tuple[DoctorTarget, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        async with run_target() as target:
            over = asyncio.Event()
            started.set_result((target, asyncio.get_running_loop(), over))
            await over.wait()

    def thread() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:  # raised again in the fixture that waits for the start
            if started.done():
                raise
            started.set_exception(error)

    server = threading.Thread(target=thread, name="installation")
    server.start()
    target, loop, over = started.result(WAIT_S)
    yield target
    loop.call_soon_threadsafe(over.set)
    server.join(WAIT_S)


@pytest.fixture
def target(running: DoctorTarget) -> Iterator[DoctorTarget]:
    """The healthy installation. What a test changes in it is restored afterwards."""
    management = running.installation.cloud.management
    stack, service = copy.deepcopy(running.stack), copy.deepcopy(running.service)
    account = copy.deepcopy(running.carrier.account)
    credentials, places = dict(running.carrier.credentials), dict(running.edge.places)
    models, answers, targets = (
        dict(running.model.models),
        dict(running.edge.answers),
        [*running.installation.balancer.targets],
    )
    secrets = {name: read(running, name) for name in ("twilio", "openai")}
    topic = running.installation.cloud.topics.topics[running.installation.notify_topic]
    subscriptions = [*topic.subscriptions]
    yield running
    topic.subscriptions = subscriptions
    management.stacks, management.services = {"warmline": stack}, {"warmline": service}
    management.denied, management.concurrent_executions = set(), 1000
    for field in dataclasses.fields(Account):
        setattr(running.carrier.account, field.name, getattr(account, field.name))
    running.model.models, running.model.faults = models, Faults()
    running.edge.answers, running.edge.places = answers, places
    running.carrier.credentials.clear()
    running.carrier.credentials.update(credentials)
    running.edge.closed.clear()
    for host in (VOICE_HOST, STREAM_HOST):
        running.edge.issue_certificate(host)
    running.installation.balancer.targets[:] = targets
    for function in running.installation.cloud.functions.values():
        function.fault = None
    running.installation.cloud.secrets.fault = running.installation.cloud.dynamodb.fault = None
    for name, values in secrets.items():
        write(running, name, values)
