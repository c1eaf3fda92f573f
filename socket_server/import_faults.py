"""Imports every module of the container, and says which cannot be imported with the packages that there are."""

import importlib
import traceback
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

PACKAGE = Path(__file__).parent

type Report = Callable[[str, str], None]
"""Is told that the import of a file begins or ends: the word, the path as the user knows it."""


class ImportWatcher(MetaPathFinder):
    """Reports the import of each module of the container. It stands before all others in `sys.meta_path`."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        if not fullname.startswith(f"{PACKAGE.name}."):
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _WatchedLoader(fullname, spec.loader.path, self._report)
        return spec


class _WatchedLoader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, report: Report) -> None:
        super().__init__(fullname, path)
        self._report = report

    def exec_module(self, module: ModuleType) -> None:
        shown = display_path(Path(self.path))
        self._report("begin", shown)
        try:
            super().exec_module(module)
        finally:
            self._report("end", shown)


def find_import_faults() -> Iterator[str]:
    """A line for each module that keeps the container from being imported with the packages that there are."""
    told = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if not all(part.isidentifier() for part in parts):  # nobody can import it, such as an editor's file
            continue
        try:
            importlib.import_module(".".join(parts).removesuffix(".__init__"))
        except BaseException as error:  # a user's module may do anything; a real Ctrl-C ends the process that waits
            fault = f"{_find_place(error, path)}: {_describe(error)}"
            if fault not in told:
                told.add(fault)
                yield fault


def display_path(file: Path) -> str:
    """The path as the user knows it, from the folder above the package: the same in the image and in the checkout."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


def _find_place(error: BaseException, imported: Path) -> str:
    """File and line of ours where it went wrong; several modules may import that one."""
    ours = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(PACKAGE)
    ]
    own = [frame for frame in ours if frame.filename != __file__]
    if isinstance(error, SyntaxError) or not own:
        return display_path(Path(getattr(error, "filename", None) or imported))
    return f"{display_path(Path(own[-1].filename))}:{own[-1].lineno}"


def _describe(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] != PACKAGE.name:
        remedy = "name its package in socket_server/requirements.txt, then `make lock`, which needs uv"
        return f"no module {error.name!r} in the container: {remedy}"
    try:
        said = " ".join(str(error).split())
    except Exception:  # the error is a user's too
        said = "its text cannot be read"
    return f"cannot be imported: {type(error).__name__}: {said}"
