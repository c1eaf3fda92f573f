"""What `sam build` puts into an artifact, and what it does not."""

from collections import defaultdict
from importlib.util import cache_from_source, source_from_cache, source_hash
from pathlib import Path

import pytest

from sandbox.aws.artifacts import Artifacts, build
from tests.deploy.contents import list_files, list_installed, list_processors, list_sources, measure_size_bytes

ROOT = Path(__file__).parents[2]
SOURCES = {
    "VoiceWebhookFunction": "functions/voice_webhook",
    "TransferFunction": "functions/transfer",
    "TransferCandidateFunction": "functions/transfer",
    "DeployCheckFunction": "functions/deploy_check",
    "ImageBuilderFunction": "functions/image_builder",
}
LAYERS = {"CallRecordLayer": "layers/call_record", "CustomResourceLayer": "layers/custom_resource"}
# Unpacked, where Lambda takes 250 MB; it loads an artifact before each cold start.
MOST_BYTES = {
    "VoiceWebhookFunction": 11_000_000,
    "TransferFunction": 18_000_000,
    "TransferCandidateFunction": 18_000_000,
}
MOST_BYTES_OTHERS = 100_000
CHECKED_HASH = b"\x03\x00\x00\x00"  # PEP 552
AARCH64, X86_64 = 0xB7, 0x3E  # e_machine of ELF


def find_folder(artifacts: Artifacts, name: str) -> Path:
    return artifacts.read_function(name, defaultdict(str)).folder


def test_an_artifact_is_the_folder_and_its_packages(built: Artifacts) -> None:
    for name in built.names:
        folder = find_folder(built, name)
        # The libraries for the second processor are in no package's list.
        besides = {path for path in list_sources(folder) if ".dist-info/" in path or path.endswith(".so")}
        own = list_sources(folder) - list_installed(folder) - besides
        assert own == _list_checkout_files(SOURCES[name]), name
    for name, source in LAYERS.items():
        assert list_sources(built.folder / name / "python") == _list_checkout_files(source), name


def _list_checkout_files(folder: str) -> set[str]:
    return list_sources(ROOT / folder) - {"Makefile"}


def test_nothing_is_in_an_artifact_that_lambda_has_or_nobody_needs(built: Artifacts) -> None:
    junk = {"boto3", "botocore", "s3transfer", "pip", "setuptools", "tests", "pytest", "moto"}
    for name in built.names:
        folder = find_folder(built, name)
        assert {path.name for path in folder.iterdir()} & junk == set(), name
        assert not (folder / "twilio/rest/api").exists(), name


def test_all_code_that_a_caller_waits_for_has_its_bytecode(built: Artifacts) -> None:
    for folder in (*(find_folder(built, name) for name in MOST_BYTES), built.folder / "CallRecordLayer/python"):
        code = [folder / path for path in list_sources(folder) if path.endswith(".py")]
        assert code
        assert [path for path in code if not Path(cache_from_source(path)).exists()] == []


def test_bytecode_is_told_to_be_current_by_what_the_code_is_and_not_by_when_it_was_written(built: Artifacts) -> None:
    folder = find_folder(built, "VoiceWebhookFunction")
    for path in folder.rglob("*.pyc"):
        flags, content_hash = path.read_bytes()[4:8], path.read_bytes()[8:16]
        assert flags == CHECKED_HASH
        assert content_hash == source_hash(Path(source_from_cache(path)).read_bytes())


def test_an_artifact_stays_small(built: Artifacts) -> None:
    for name in built.names:
        size = measure_size_bytes(find_folder(built, name))
        assert size <= MOST_BYTES.get(name, MOST_BYTES_OTHERS), f"{name} has {size} bytes"


def test_the_candidate_that_is_checked_is_what_will_be_deployed(built: Artifacts) -> None:
    candidate, transfer = (find_folder(built, name) for name in ("TransferCandidateFunction", "TransferFunction"))
    assert list_files(candidate) == list_files(transfer)
    assert [
        path for path in list_files(candidate) if (candidate / path).read_bytes() != (transfer / path).read_bytes()
    ] == []


@pytest.mark.parametrize("name", ["TransferFunction", "TransferCandidateFunction"])
def test_what_is_compiled_is_there_for_both_processors(built: Artifacts, name: str) -> None:
    libraries = list(find_folder(built, name).rglob("*.so"))
    assert {processor: len(paths) for processor, paths in list_processors(libraries).items()} == {
        AARCH64: len(libraries) // 2,
        X86_64: len(libraries) // 2,
    }
    assert libraries


def test_the_webhook_s_code_is_the_same_for_every_processor(built: Artifacts) -> None:
    assert list(find_folder(built, "VoiceWebhookFunction").rglob("*.so")) == []


def test_a_build_for_another_processor_is_the_same(built: Artifacts, tmp_path: Path) -> None:
    build(tmp_path / "build", architecture="arm64")
    another = Artifacts(tmp_path / "build")
    for name in MOST_BYTES:
        here, there = find_folder(built, name), find_folder(another, name)
        assert list_files(here) == list_files(there)
        assert [path for path in list_files(here) if (here / path).read_bytes() != (there / path).read_bytes()] == []
