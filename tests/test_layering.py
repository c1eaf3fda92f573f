"""Which file may know what: the core decides and knows no I/O, production code knows nothing of the sandbox."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCTION = sorted(
    path for folder in ("socket_server", "functions", "layers", "doctor") for path in (ROOT / folder).rglob("*.py")
)

# The pages show calls of every kind. Of their packages, these run calls on this machine.
SHOWN = sorted((ROOT / "console").rglob("*.py"))
LOCAL_RUNS = {"local", "play", "carrier", "tunnel"}

# Imported by their full name; a function's folder is flat, as in Lambda.
PACKAGES = {"socket_server", "sandbox", "doctor", "bench", "console"}
FOLDERS = (*sorted(PACKAGES), "functions", "layers")  # in which no import leads back to where it began

# What each package of the container may import of the others. The modules beside them are the process: they may all.
LAYERS = {
    "core": set[str](),
    "websocket": {"core"},
    "twilio": {"core", "websocket"},
    "openai": {"core", "websocket"},
    "aws": {"core"},
    "call": {"core", "twilio", "aws"},
}
# All that the core may import beside itself: no sockets, no clock, no event loop, no environment, no AWS, no logs.
PURE = {"collections", "contextlib", "dataclasses", "enum", "itertools", "json", "math", "msgspec", "re", "typing"}
# The only file that sees the environment; `settings` gets it as a mapping.
READS_ENVIRONMENT = {
    "socket_server/__main__.py",
    "functions/transfer/transfer.py",
    "functions/voice_webhook/voice_webhook.py",
    "functions/image_builder/image_builder.py",
    "doctor/__main__.py",
    "doctor/delete_caller_data.py",
    "doctor/remove.py",
    "doctor/secrets.py",
}


def imports(path: Path) -> Iterator[str]:
    """The full names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts) if parts[0] in PACKAGES else path.stem


def _modules() -> dict[str, Path]:
    """Every module of the repository by the name under which others import it."""
    modules: dict[str, Path] = {}
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        name = _module(path).removesuffix(".__init__")
        assert name not in modules, f"{path} and {modules[name]} have the same name"
        modules[name] = path
    return modules


def _import_graph() -> dict[str, set[str]]:
    """Which module names which, under `TYPE_CHECKING` too."""
    modules = _modules()
    graph: dict[str, set[str]] = {}
    for name, path in modules.items():
        nodes = [
            node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        imported = set()
        for node in nodes:
            for alias in node.names:
                attribute = f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
                imported.add(attribute if attribute in modules else str(getattr(node, "module", "")))
        graph[name] = imported & modules.keys() - {name}
    return graph


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    """All that `start` leads to; itself only if it is in a cycle."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        following = graph[waiting.pop()] - seen
        seen |= following
        waiting += following
    return seen


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected components of more than one module."""
    reachable = {name: _reachable(graph, name) for name in graph}
    components = {
        tuple(sorted(other for other in others if name in reachable[other]))
        for name, others in reachable.items()
        if name in others
    }
    return sorted(map(list, components))


def files(package: str) -> list[Path]:
    return sorted((ROOT / "socket_server" / package).rglob("*.py"))


@pytest.mark.parametrize("path", files("core"), ids=lambda path: path.stem)
def test_the_core_imports_nothing_that_could_wait_or_act(path: Path) -> None:
    foreign = {name.split(".")[0] for name in imports(path) if not name.startswith("socket_server.")}

    assert foreign <= PURE | {"socket_server"}


@pytest.mark.parametrize("package", LAYERS)
def test_a_package_imports_downwards_only(package: str) -> None:
    imported = {name for path in files(package) for name in imports(path) if name.startswith("socket_server.")}

    assert {name.split(".")[1] for name in imported} <= LAYERS[package] | {package}


def test_every_package_of_the_container_has_its_layer() -> None:
    assert {path.parent.name for path in (ROOT / "socket_server").glob("*/*.py")} == LAYERS.keys()


def test_no_modules_import_each_other_in_a_cycle() -> None:
    found = cycles(_import_graph())

    assert not found, "\n".join(f"these import each other: {', '.join(cycle)}" for cycle in found)


def test_a_cycle_is_told_with_all_its_modules() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a", "e"}, "d": {"a"}, "e": set()}) == [["a", "b", "c"]]


def test_an_import_for_types_alone_is_an_import(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("if TYPE_CHECKING:\n    from other import Name\n")

    assert set(imports(tmp_path / "module.py")) == {"other", "other.Name"}


@pytest.mark.parametrize("path", PRODUCTION, ids=lambda path: str(path.relative_to(ROOT)))
def test_production_code_does_not_know_the_sandbox(path: Path) -> None:
    assert {"sandbox", "tests"}.isdisjoint(name.split(".")[0] for name in imports(path))


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_pages_know_neither_the_container_nor_the_functions(path: Path) -> None:
    functions = {each.stem for each in PRODUCTION if each.relative_to(ROOT).parts[0] == "functions"}

    assert {"socket_server", "tests", *functions}.isdisjoint(name.split(".")[0] for name in imports(path))


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_local_runs_know_the_sandbox(path: Path) -> None:
    local = path.relative_to(ROOT).parts[1] in LOCAL_RUNS

    assert local or "sandbox" not in {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", PRODUCTION, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_environment_is_read_where_a_program_starts(path: Path) -> None:
    reads = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute | ast.Name)
    } & {"environ", "getenv", "putenv"}

    assert not reads or str(path.relative_to(ROOT)) in READS_ENVIRONMENT


IMPORT_EVERYTHING = """
import importlib, os, socket, sys, threading

def refuse(*_, **__):
    raise AssertionError("importing a module opened a socket")

socket.socket.connect = refuse
before = dict(os.environ), threading.active_count()
for name in sys.argv[1:]:
    importlib.import_module(name)
assert (dict(os.environ), threading.active_count()) == before
"""


def test_importing_a_module_does_nothing() -> None:
    names = [_module(path) for path in PRODUCTION if path.stem != "__init__"]
    folders = {path.parent for path in PRODUCTION if path.relative_to(ROOT).parts[0] not in PACKAGES}

    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_EVERYTHING, *sorted(names)],
        cwd=ROOT,
        env={"PYTHONPATH": os.pathsep.join(map(str, folders))},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
