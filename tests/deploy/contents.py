"""What is in an artifact: its own files, and the packages that were installed beside them."""

import csv
from pathlib import Path


def installed(folder: Path) -> set[str]:
    """Every file that belongs to a package, as the packages' own lists say."""
    return {
        row[0]
        for record in folder.glob("*.dist-info/RECORD")
        for row in csv.reader(record.read_text().splitlines())
        if row
    }


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def size_bytes(folder: Path) -> int:
    """Unpacked, which is what Lambda limits to 250 MB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def processors(folder: Path) -> set[int]:
    """The e_machine of every shared library: which processor it is for."""
    return {int.from_bytes(path.read_bytes()[18:20], "little") for path in folder.rglob("*.so")}
