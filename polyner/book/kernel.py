"""The kernel that executes the book: this very interpreter, whatever kernels the user has registered."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import weakref
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

_KERNELS: weakref.WeakSet[ThisInterpreter] = weakref.WeakSet()


def kill_kernels() -> None:
    """Kill the kernels that run, whichever threads wait for them; what they execute fails."""
    for kernel in list(_KERNELS):
        if process := getattr(kernel.provisioner, "pid", None):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)


class ThisInterpreter(AsyncKernelManager):
    """A kernel manager for which `python3` is `sys.executable`.

    A kernel registered under the same name in the user's home could be another Python without this package. With no
    folders to look in, jupyter_client falls back on the kernel of the running interpreter.

    Where the system has them, it talks to the kernel through sockets in a folder of its own: TCP ports are chosen
    before they are bound, so that notebooks executed side by side now and then get the same ones.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("kernel_spec_manager", KernelSpecManager(kernel_dirs=[]))
        if os.name == "posix":
            # Not in Jupyter's runtime folder: the path of a socket may have about a hundred characters.
            self._sockets = tempfile.TemporaryDirectory(prefix="polyner-", ignore_cleanup_errors=True)
            options |= {"transport": "ipc", "connection_file": str(Path(self._sockets.name) / "kernel.json")}
        super().__init__(**options)

    async def start_kernel(self, **options: Any) -> None:
        # On a machine that others use as well, several threads wait for one another far longer than they compute;
        # and progress bars would be dead widgets in the executed notebook.
        options.setdefault("env", {"OMP_NUM_THREADS": "1", **os.environ, "POLYNER_PROGRESS": "off"})
        # A kernel is interrupted before it is shut down, and would tell the terminal so.
        options["extra_arguments"] = [*options.get("extra_arguments", ()), "--log-level=CRITICAL"]
        await super().start_kernel(**options)
        _KERNELS.add(self)
