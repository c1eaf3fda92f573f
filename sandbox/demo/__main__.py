"""`make demo`, or `python -m sandbox.demo`: exit status 0 only if the caller was served."""

import asyncio
import os
import sys
from pathlib import Path

from rich.console import Console

from sandbox.clean_environment import remove_developer_settings
from sandbox.interrupts import accept_interrupts, run_until_interrupted

_ROOT = Path(__file__).parents[2]


def main() -> int:
    """The exit status: 0 the caller was served, 1 they were not, 2 it did not come to a call, 130 interrupted."""
    accept_interrupts()
    try:
        return _run()
    except (KeyboardInterrupt, asyncio.CancelledError):
        Console().print("Interrupted. Everything that was started has been stopped.", soft_wrap=True)
        return 130


def _run() -> int:
    remove_developer_settings(os.environ)  # their proxy or profile would come between the parts of the demo
    sys.path.append(str(_ROOT / "layers" / "call_record"))  # in Lambda it is there by itself
    from sandbox.aws.artifacts import Artifacts, ArtifactsError
    from sandbox.demo.call import DemoError, run_demo
    from sandbox.demo.display import Display
    from sandbox.demo.options import OptionError, read_options
    from sandbox.demo.output_folder import OutputFolderError, claim_output_folder
    from sandbox.demo.saved_files import show_verdict
    from sandbox.program import ProgramError

    display = Display(Console())
    try:
        options = read_options(os.environ)
        artifacts = Artifacts() if options.artifacts else None
        with claim_output_folder(_ROOT / "demo-output", display) as folder:
            result = asyncio.run(run_until_interrupted(run_demo(options, display, folder, artifacts)))
    except (OptionError, ArtifactsError, OutputFolderError, DemoError, ProgramError) as error:
        display.show_problem(str(error))
        return 2
    show_verdict(result, folder, display)
    return 1 if result.problems else 0


if __name__ == "__main__":
    sys.exit(main())
