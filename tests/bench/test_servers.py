"""The environment in which each server runs."""

import sys

from bench.servers import PEERS, PROJECT, WARMLINE, Server, build_environment


def test_a_server_without_an_environment_runs_in_that_of_the_bench() -> None:
    assert str(WARMLINE.python) == sys.executable
    assert set(WARMLINE.path.split(":")) == set(sys.path) - {""}


def test_a_server_in_another_environment_sees_no_package_of_the_bench() -> None:
    peer = Server("peer", "bench.relays.peer", environment=".venv-peers")
    assert peer.python == PROJECT / ".venv-peers" / "bin" / "python"
    assert build_environment(peer, 1, 2, 3, {})["PYTHONPATH"] == str(PROJECT)


def test_a_server_reaches_the_stand_ins_only() -> None:
    told = build_environment(WARMLINE, 1, 2, 3, {"MAX_CALLS": "7"})
    urls = {name: value for name, value in told.items() if name in ("REALTIME_URL", "AWS_ENDPOINT_URL")}
    assert urls == {"REALTIME_URL": "ws://127.0.0.1:2/v1/realtime", "AWS_ENDPOINT_URL": "http://127.0.0.1:3"}
    assert (told["HOST"], told["PORT"], told["MAX_CALLS"]) == ("127.0.0.1", "1", "7")


def test_every_peer_has_a_module_and_locked_requirements() -> None:
    for peer in PEERS:
        assert (PROJECT / peer.module.replace(".", "/")).with_suffix(".py").exists(), peer.name
        assert (PROJECT / "requirements" / f"{peer.environment.removeprefix('.venv-')}.txt").exists(), peer.name
