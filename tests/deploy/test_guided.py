"""What a newcomer types: `sam deploy --guided`, and Enter to every question."""

import socket
import subprocess
from pathlib import Path

from tests.deploy.stack_template import ROOT

SAM = ROOT / ".venv-deploy" / "bin" / "sam"
QUESTIONS = 60  # more than there are


def test_enter_answers_every_question_of_a_guided_deploy(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # not listening: whoever wants to reach AWS is refused
        asked = subprocess.run(
            [SAM, "deploy", "--guided", "--template-file", ROOT / "template.yaml"],
            input="\n" * QUESTIONS,
            env={
                "AWS_ACCESS_KEY_ID": "nobody",
                "AWS_SECRET_ACCESS_KEY": "nothing",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{nobody.getsockname()[1]}",
                "HOME": str(tmp_path),
                "PATH": "/usr/bin:/bin",
                "AWS_MAX_ATTEMPTS": "1",
                "SAM_CLI_TELEMETRY": "0",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    # After its last question SAM looks for its bucket.
    assert "Looking for resources needed for deployment" in asked.stdout, asked.stdout + asked.stderr
    assert "has no authentication" not in asked.stdout
