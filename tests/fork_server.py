"""Starts a Python program many times at the price of one: it is imported once, and forked for each start.

`ForkServer(program)` imports a program in a process of its own. Its `command` starts one run of that program,
with the environment, the folder and the standard streams of whoever starts it; when the command is killed,
so is the run, and the command ends with the run's exit code.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

CLIENT = Path(__file__).with_name("fork_client.py")
IS_POSSIBLE = hasattr(os, "pidfd_open")
PATIENCE_SECONDS = 60


class ForkServer:
    """A process that has imported a program and waits for starts.

    Args:
        program: A file with a function `main()`.
    """

    def __init__(self, program: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tlstudio-fork-")  # a socket's path must be short
        address = str(Path(self._folder.name, "s"))
        self.command = (sys.executable, "-I", "-S", str(CLIENT), address)
        self._process = subprocess.Popen([sys.executable, __file__, address, str(program)])
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not Path(address).exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise RuntimeError(f"{program} could not be imported")
            time.sleep(0.01)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()


def serve(address: str, program: str) -> None:
    """Import the program, then fork for each connection until the process that started this one is gone."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("forked_program", program)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that serve one connection
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address + ".new")
    listener.listen(64)
    Path(address + ".new").rename(address)
    parent = os.getppid()
    while os.getppid() == parent:
        if not select.select([listener], [], [], 1)[0]:
            continue
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _serve_one(connection, module.main)
        connection.close()


def _serve_one(connection: socket.socket, main: Callable[[], None]) -> None:
    """Run the program in a child, and tell its exit code; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, streams, _, _ = socket.recv_fds(connection, 4, 3)
    missing = int.from_bytes(size, "big")
    message = b""
    while len(message) < missing:
        part = connection.recv(missing - len(message))
        if not part:  # whoever asked is gone
            os._exit(1)
        message += part
    folder, *environment = message.decode("utf-8", "surrogateescape").split("\0")
    child = os.fork()
    if child == 0:
        connection.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.environ.clear()
        os.environ.update(pair.split("=", 1) for pair in environment)
        os.chdir(folder)
        code: object = 1
        try:
            main()
            code = 0
        except SystemExit as leaving:
            code = leaving.code or 0
        except Exception:  # noqa: BLE001 - as the interpreter does at its end
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError):  # nobody reads any more
                sys.stdout.flush()
            os._exit(code if isinstance(code, int) else 1)
    for stream in streams:
        os.close(stream)
    ended = os.pidfd_open(child)
    if connection in select.select([ended, connection], [], [])[0]:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(OSError):  # nobody waits for it
        connection.sendall(bytes([os.waitstatus_to_exitcode(status) & 255]))
    os._exit(0)


if __name__ == "__main__":
    serve(*sys.argv[1:])
