"""The layer that `sam build` makes of the source: its content decides on the tag of the image."""

from pathlib import Path

from tests.checkout import ROOT, make_small_checkout, read_contents, use
from tests.image.buildah import run

SAM = ROOT / ".venv-deploy" / "bin" / "sam"


def build(checkout: Path) -> dict[str, bytes]:
    """As samconfig.toml has it done: what was built before is taken again where SAM sees no change."""
    run(
        [str(SAM), "build", "SocketServerSource", "--cached"],
        variables={"PATH": "/usr/bin:/bin", "AWS_DEFAULT_REGION": "us-east-1", "SAM_CLI_TELEMETRY": "0"},
        folder=checkout,
    )
    return read_contents(checkout / ".aws-sam" / "build" / "SocketServerSource")


def test_the_layer_changes_when_the_source_changes_and_not_before(tmp_path: Path) -> None:
    checkout = make_small_checkout(tmp_path)
    built = build(checkout)
    use(checkout)
    assert build(checkout) == built

    with (checkout / "socket_server" / "core" / "turn_events.py").open("a") as file:
        file.write("# new\n")

    assert build(checkout) == built | {
        "socket_server/core/turn_events.py": built["socket_server/core/turn_events.py"] + b"# new\n",
    }
