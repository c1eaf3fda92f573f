"""An image's files, mounted, and processes that run in them as ECS runs the container.

That is: as the image's user, with a root that cannot be written to, with the image's variables and folder. As in the
stack's task there is no writable volume, not even /tmp. Other than there, the network is this machine's, and what else
runs on it can be seen.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from sandbox.program import Program, run
from tests.image.buildah import Config

# In a mount namespace of its own, which goes with the process. It becomes the program, and so gets its signals.
_ENTER = """
PATH="$PATH:/usr/sbin:/sbin"
root=$1 user=$2 folder=$3 agent=$4
shift 4
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
if [ -n "$agent" ]; then
    mount --bind "$agent" "$root/mnt"
    mount -o remount,bind,ro "$root/mnt"
fi
exec chroot --userspec="$user" --groups= "$root" env -C "$folder" "$@"
"""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An image whose files lie in `root`."""

    root: Path
    config: Config

    @property
    def health_check(self) -> list[str]:
        """The command, without a shell."""
        assert self.config.healthcheck is not None
        kind, *command = self.config.healthcheck.test
        assert kind == "CMD"
        return command

    def make_command(self, command: Sequence[str], agent: Path | None = None) -> list[str]:
        """What runs this in the image. The folder `agent` is what the process finds in /mnt, to be read."""
        unshare = shutil.which("unshare")
        assert unshare is not None
        entered = [str(self.root), self.config.user, self.config.working_dir, str(agent or "")]
        return [unshare, "--mount", "sh", "-euc", _ENTER, "sh", *entered, *self.config.env, *command]

    def run_container(self, environment: Mapping[str, str]) -> AbstractAsyncContextManager[Program]:
        """The image's own command with these settings, for `Installation`; AGENT_FILE is a file of this machine."""
        agent = Path(environment["AGENT_FILE"])
        settings = {**environment, "AGENT_FILE": f"/mnt/{agent.name}"}
        return run("the container", self.make_command(self.config.cmd, agent.parent), settings, Path("/"))

    async def says(self, *command: str, **environment: str) -> tuple[int, str]:
        """Status and output of a command that ends by itself."""
        surroundings = {"PATH": os.environ["PATH"], **environment}
        async with run(command[0], self.make_command(command), surroundings, Path("/")) as program:
            return await program.wait_for_end(), "\n".join(program.log)
