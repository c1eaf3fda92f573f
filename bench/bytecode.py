"""Copies of functions that have their bytecode beside each file, as Python writes it where it may."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from sandbox.aws.artifacts import RUNTIME
from sandbox.aws.functions import Function


def compiled(function: Function, folder: Path) -> Function:
    """A copy of the function and its layers in this folder, compiled by the interpreter that will run it."""
    copies = []
    for number, part in enumerate((function.folder, *function.layers)):
        copies.append(folder / str(number))
        shutil.copytree(part, copies[-1])
    command = [RUNTIME[0], "-m", "compileall", "-q", "-j", "0", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return replace(function, folder=copies[0], layers=tuple(copies[1:]))
