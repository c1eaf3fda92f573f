"""The image that the Dockerfile stands on, made on this machine under the name that it has there.

Not the official one, which cannot be fetched everywhere: Debian by debootstrap, in this machine's release, and the
Python that runs the tests, in /usr/local and without compiled modules, as the official one is. What is measured above
it and what runs in it is the same; which libraries it lacks is not.
"""

import platform
import shutil
import sys
import tempfile
from pathlib import Path

from tests.image.buildah import Buildah, run

_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
# The official image leaves out what compiles against Python; tkinter would bring a whole desktop along.
_LEFT_OUT = ("__pycache__", "*.pyc", "test", "tests", "idlelib", "tkinter", "turtledemo", "_tkinter*", "site-packages")
_LEFT_OUT_TOO = (f"config-{_VERSION}*", "*.a")


def make_base(buildah: Buildah, name: str) -> None:
    """Half a minute. Needs Debian or a relative of it, its mirror, and a Python with a prefix of its own."""
    prefix = Path(sys.base_prefix)
    assert prefix != Path("/usr"), "expected a Python in a folder of its own (pyenv, uv), got the system's"
    # debootstrap cannot do with a space in a path, and the store's may have one.
    with tempfile.TemporaryDirectory() as folder, buildah.mount("scratch") as (container, _):
        _install_debian(Path(folder))
        _install_python(prefix, Path(folder))
        buildah("add", "--quiet", container, folder, "/")
        buildah("config", "--env", f"PATH={_PATH}", "--env", "LANG=C.UTF-8", "--cmd", "python3", container)
        buildah("commit", "--quiet", "--format", "docker", container, name)


def _install_debian(root: Path) -> None:
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    run(["debootstrap", "--variant=minbase", release, str(root)])
    for name in ("var/cache/apt", "var/lib/apt/lists"):
        shutil.rmtree(root / name)


def _install_python(prefix: Path, root: Path) -> None:
    local = root / "usr" / "local"
    library = f"python{_VERSION}"
    program = local / "bin" / library
    ignored = shutil.ignore_patterns(*_LEFT_OUT, *_LEFT_OUT_TOO)
    shutil.copytree(prefix / "lib" / library, local / "lib" / library, symlinks=True, ignore=ignored)
    (local / "lib" / library / "site-packages").mkdir()
    shutil.copy2(prefix / "bin" / library, program)
    for link in ("python", "python3"):
        program.with_name(link).symlink_to(library)
    for shared in (prefix / "lib").glob("libpython*.so*"):
        shutil.copy2(shared, local / "lib", follow_symlinks=False)
    for library_file in _find_libraries(program, local / "lib" / library / "lib-dynload"):
        copy = root / library_file.relative_to("/")
        if not copy.exists() and not library_file.is_relative_to(prefix):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(library_file, copy)
    run(["chroot", str(root), "ldconfig"])
    run(["chroot", str(root), "python", "-c", "import ctypes, lzma, sqlite3, ssl, uuid"])
    run(["chroot", str(root), "python", "-m", "ensurepip", "--default-pip"])
    for compiled in local.rglob("__pycache__"):
        shutil.rmtree(compiled)


def _find_libraries(program: Path, modules: Path) -> set[Path]:
    """The shared libraries that these need, where they lie on this machine."""
    lines = [line for file in (program, *modules.glob("*.so")) for line in run(["ldd", str(file)]).splitlines()]
    return {Path(parts[2]) for parts in map(str.split, lines) if len(parts) > 2 and parts[2].startswith("/")}
