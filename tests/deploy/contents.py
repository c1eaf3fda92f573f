"""What is in an artifact: its own files, and the packages that were installed beside them."""

import csv
from collections.abc import Iterable
from pathlib import Path


def list_installed(folder: Path) -> set[str]:
    """Every file that belongs to a package, as the packages' own lists say."""
    return {
        row[0]
        for record in folder.glob("*.dist-info/RECORD")
        for row in csv.reader(record.read_text().splitlines())
        if row
    }


def list_files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def list_sources(folder: Path) -> set[str]:
    """All files but bytecode."""
    return {path for path in list_files(folder) if "__pycache__" not in path}


def measure_size_bytes(folder: Path) -> int:
    """Unpacked, which is what Lambda limits to 250 MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def list_processors(libraries: Iterable[Path]) -> dict[int, list[Path]]:
    """Shared libraries by their e_machine: which processor they are for."""
    found: dict[int, list[Path]] = {}
    for path in libraries:
        found.setdefault(int.from_bytes(path.read_bytes()[18:20], "little"), []).append(path)
    return found
