"""Copies functions and adds the bytecode of each file, as Python does in a folder that it can write to."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from sandbox.aws.artifacts import RUNTIME
from sandbox.aws.functions import Function


def compile_copy(function: Function, folder: Path) -> Function:
    """Copy the function and its layers into the folder, and compile them with the interpreter that will run them."""
    copies = []
    for number, part in enumerate((function.folder, *function.layers)):
        copies.append(folder / str(number))
        shutil.copytree(part, copies[-1])
    command = [RUNTIME[0], "-m", "compileall", "-q", "-j", "0", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return replace(function, folder=copies[0], layers=tuple(copies[1:]))
