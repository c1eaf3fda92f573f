"""What `sam build` puts into an artifact, and what it does not."""

from collections import defaultdict
from pathlib import Path

from sandbox.artifacts import Artifacts, build
from tests.deploy.contents import files, installed, processors, size_bytes

ROOT = Path(__file__).parents[2]
SOURCES = {
    "VoiceWebhookFunction": "functions/voice_webhook",
    "TransferFunction": "functions/transfer",
    "TransferCandidateFunction": "functions/transfer",
    "DeployCheckFunction": "functions/deploy_check",
    "ImageBuilderFunction": "functions/image_builder",
}
LAYERS = {"CallRecordLayer": "layers/call_record", "CustomResourceLayer": "layers/custom_resource"}
# Unpacked, where Lambda takes 250 MB. More than half of it is twilio's package.
MOST_BYTES = {
    "VoiceWebhookFunction": 48_000_000,
    "TransferFunction": 48_000_000,
    "TransferCandidateFunction": 48_000_000,
}
MOST_BYTES_OTHERS = 100_000
AARCH64 = 0xB7  # e_machine of ELF


def folder_of(artifacts: Artifacts, name: str) -> Path:
    return artifacts.function(name, defaultdict(str)).folder


def test_an_artifact_is_the_folder_and_its_packages(built: Artifacts) -> None:
    for name in built.names:
        folder = folder_of(built, name)
        own = {path for path in files(folder) - installed(folder) if ".dist-info/" not in path}
        assert own == _of_the_checkout(SOURCES[name]), name
    for name, source in LAYERS.items():
        assert files(built.folder / name / "python") == _of_the_checkout(source), name


def _of_the_checkout(folder: str) -> set[str]:
    return {path for path in files(ROOT / folder) if "__pycache__" not in path}


def test_nothing_is_in_an_artifact_that_lambda_has_or_nobody_needs(built: Artifacts) -> None:
    junk = {"boto3", "botocore", "s3transfer", "pip", "setuptools", "tests", "pytest", "moto"}
    for name in built.names:
        folder = folder_of(built, name)
        assert {path.name for path in folder.iterdir()} & junk == set(), name
        assert [path for path in files(folder) if path.endswith(".pyc")] == [], name


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


def test_a_build_for_the_processor_of_the_default_has_no_other_code(tmp_path: Path) -> None:
    build(tmp_path / "build", architecture="arm64")
    artifacts = Artifacts(tmp_path / "build")
    for name in ("VoiceWebhookFunction", "TransferFunction"):
        assert processors(folder_of(artifacts, name)) == {AARCH64}, name
