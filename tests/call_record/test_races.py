"""Many write at the same moment, into a table whose writes are really atomic: dynalite, if npm can install it here.

moto is not atomic under threads. dynalite was tried with 16 writers at a time: one write of each condition succeeds.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from call_record import Attempt, CallTable
from sandbox.aws.calls_table import create_calls_table
from tests.bounds import WAIT_S
from tests.lambdas import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VERSION, INSTALL_S = "4.0.0", 60
WRITERS, ROUNDS = 16, 10
CALL = "CA" + "0" * 32
RINGING = Attempt("r", "desk", status="ringing", dials=8, mode="attended")
LEGS = [f"CA{number:032d}" for number in range(WRITERS)]


@pytest.fixture(scope="module")
def dynalite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("npm and node are not installed")
    folder = tmp_path_factory.mktemp("dynalite")
    asked = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0", f"dynalite@{VERSION}"]
    try:
        subprocess.run(asked, cwd=folder, check=True, capture_output=True, timeout=INSTALL_S)
    except subprocess.SubprocessError as error:
        pytest.skip(f"npm could not install dynalite: {type(error).__name__}")
    return folder / "node_modules" / "dynalite" / "cli.js"


@pytest.fixture(scope="module")
def client(dynalite: Path) -> "Iterator[DynamoDBClient]":
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["node", str(dynalite), "--host", "127.0.0.1", "--port", str(port), "--createTableMs", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            client = boto3.client(
                "dynamodb",
                region_name="us-east-1",
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
                endpoint_url=f"http://127.0.0.1:{port}",
                config=Config(max_pool_connections=WRITERS, retries={"total_max_attempts": 1}),
            )
            _wait_for(client.list_tables)
            create_calls_table(client, TABLE)
            _wait_for(lambda: client.get_waiter("table_exists").wait(TableName=TABLE))
            yield client
        finally:
            server.terminate()


def _wait_for(ask: Callable[[], object]) -> None:
    until = time.monotonic() + WAIT_S
    while True:
        try:
            ask()
        except (BotoCoreError, ClientError):
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def race[T](*tasks: Callable[[], T]) -> list[T]:
    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]


def make_call(table: CallTable, number: int) -> str:
    call_sid = f"CA{number:032x}"
    table.claim_attempt(call_sid, RINGING)
    return call_sid


def test_of_many_who_press_1_at_once_one_has_the_call(client: "DynamoDBClient") -> None:
    table = CallTable(client, TABLE)
    for number in range(ROUNDS):
        call = make_call(table, number)
        told = race(*[partial(table.attended.accept, call, "r", leg) for leg in LEGS])

        assert len({attempt.accepted_by for attempt in told}) == 1
        assert told[0].accepted_by in LEGS


def test_of_many_who_ring_the_next_at_once_one_does(client: "DynamoDBClient") -> None:
    table = CallTable(client, TABLE)
    for number in range(100, 100 + ROUNDS):
        call = make_call(table, number)

        assert sum(race(*[partial(table.attended.claim_target, call, "r", 1)] * WRITERS)) == 1


def test_a_key_and_the_end_at_once_agree(client: "DynamoDBClient") -> None:
    table = CallTable(client, TABLE)
    for number in range(200, 200 + ROUNDS):
        call = make_call(table, number)
        race(
            partial[object](table.attended.accept, call, "r", LEGS[0]),
            partial[object](table.attended.end, call, "r", "nobody", only=("ringing",)),
        )
        stored = table.legs.read_attempt(call, "r")

        assert (stored.status, stored.accepted_by) in (("accepted", LEGS[0]), ("nobody", None))


def test_many_requests_to_connect_bring_the_caller_once(client: "DynamoDBClient") -> None:
    table = CallTable(client, TABLE)
    for number in range(300, 300 + ROUNDS):
        call = make_call(table, number)
        table.attended.accept(call, "r", LEGS[0])

        assert sum(now for _, now in race(*[partial(table.attended.connect, call, "r")] * WRITERS)) == 1
