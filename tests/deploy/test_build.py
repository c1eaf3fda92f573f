"""What `sam build` puts into an artifact, and what it does not."""

from collections import defaultdict
from importlib.util import cache_from_source, source_from_cache, source_hash
from pathlib import Path

import pytest

from sandbox.aws.artifacts import Artifacts, build
from tests.deploy.contents import files, installed, processors, size_bytes, sources

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


def folder_of(artifacts: Artifacts, name: str) -> Path:
    return artifacts.read_function(name, defaultdict(str)).folder


def test_an_artifact_is_the_folder_and_its_packages(built: Artifacts) -> None:
    for name in built.names:
        folder = folder_of(built, name)
        # The libraries for the second processor are in no package's list.
        besides = {path for path in sources(folder) if ".dist-info/" in path or path.endswith(".so")}
        own = sources(folder) - installed(folder) - besides
        assert own == _of_the_checkout(SOURCES[name]), name
    for name, source in LAYERS.items():
        assert sources(built.folder / name / "python") == _of_the_checkout(source), name


def _of_the_checkout(folder: str) -> set[str]:
    return sources(ROOT / folder) - {"Makefile"}


def test_nothing_is_in_an_artifact_that_lambda_has_or_nobody_needs(built: Artifacts) -> None:
    junk = {"boto3", "botocore", "s3transfer", "pip", "setuptools", "tests", "pytest", "moto"}
    for name in built.names:
        folder = folder_of(built, name)
        assert {path.name for path in folder.iterdir()} & junk == set(), name
        assert not (folder / "twilio/rest/api").exists(), name


def test_all_code_that_a_caller_waits_for_has_its_bytecode(built: Artifacts) -> None:
    for folder in (*(folder_of(built, name) for name in MOST_BYTES), built.folder / "CallRecordLayer/python"):
        code = [folder / path for path in sources(folder) if path.endswith(".py")]
        assert code
        assert [path for path in code if not Path(cache_from_source(path)).exists()] == []


def test_bytecode_is_told_to_be_current_by_what_the_code_is_and_not_by_when_it_was_written(built: Artifacts) -> None:
    folder = folder_of(built, "VoiceWebhookFunction")
    for path in folder.rglob("*.pyc"):
        flags, content_hash = path.read_bytes()[4:8], path.read_bytes()[8:16]
        assert flags == CHECKED_HASH
        assert content_hash == source_hash(Path(source_from_cache(path)).read_bytes())


def test_an_artifact_stays_small(built: Artifacts) -> None:
    for name in built.names:
        size = size_bytes(folder_of(built, name))
        assert size <= MOST_BYTES.get(name, MOST_BYTES_OTHERS), f"{name} has {size} bytes"


def test_the_candidate_that_is_checked_is_what_will_be_deployed(built: Artifacts) -> None:
    candidate, transfer = (folder_of(built, name) for name in ("TransferCandidateFunction", "TransferFunction"))
    assert files(candidate) == files(transfer)
    assert [
        path for path in files(candidate) if (candidate / path).read_bytes() != (transfer / path).read_bytes()
    ] == []


@pytest.mark.parametrize("name", ["TransferFunction", "TransferCandidateFunction"])
def test_what_is_compiled_is_there_for_both_processors(built: Artifacts, name: str) -> None:
    libraries = list(folder_of(built, name).rglob("*.so"))
    assert {processor: len(paths) for processor, paths in processors(libraries).items()} == {
        AARCH64: len(libraries) // 2,
        X86_64: len(libraries) // 2,
    }
    assert libraries


def test_the_webhook_s_code_is_the_same_for_every_processor(built: Artifacts) -> None:
    assert list(folder_of(built, "VoiceWebhookFunction").rglob("*.so")) == []


def test_a_build_for_another_processor_is_the_same(built: Artifacts, tmp_path: Path) -> None:
    build(tmp_path / "build", architecture="arm64")
    another = Artifacts(tmp_path / "build")
    for name in MOST_BYTES:
        here, there = folder_of(built, name), folder_of(another, name)
        assert files(here) == files(there)
        assert [path for path in files(here) if (here / path).read_bytes() != (there / path).read_bytes()] == []
