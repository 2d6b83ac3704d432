"""A program that is started by forking behaves as in a process of its own: streams, exit code, kill."""

from __future__ import annotations

import os
import subprocess
import time

import pytest

from tests import fork_server

pytestmark = pytest.mark.skipif(not fork_server.IS_POSSIBLE, reason="this system has no process descriptors")
PROGRAM = """
import os, sys
def main():
    print(os.getpid(), os.environ["WORD"], os.getcwd(), flush=True)
    for line in sys.stdin:
        if line == "exit\\n":
            sys.exit(7)
        print(line.strip().upper(), flush=True)
"""


@pytest.fixture
def command(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    server = fork_server.ForkServer(program)
    yield server.command
    server.close()


def start(command, folder, **rest) -> subprocess.Popen:
    environment = {**os.environ, "WORD": "ants"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=folder, env=environment, **rest)


def exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_is_started_where_and_as_it_is_asked_and_ends_with_its_input(command, tmp_path):
    with start(command, tmp_path) as process:
        said, _ = process.communicate("bees\n")
    assert said.splitlines()[0].split()[1:] == ["ants", str(tmp_path)]
    assert said.splitlines()[1:] == ["BEES"]
    assert process.returncode == 0


def test_its_exit_code_is_passed_on(command, tmp_path):
    with start(command, tmp_path) as process:
        process.communicate("exit\n")
    assert process.returncode == 7


def test_killing_the_command_kills_the_program(command, tmp_path):
    with start(command, tmp_path) as process:
        number = int(process.stdout.readline().split()[0])
        assert exists(number)
        process.kill()
        process.wait()
        deadline = time.monotonic() + 20
        while exists(number) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not exists(number)


def test_a_program_that_cannot_be_imported_is_an_error(tmp_path):
    program = tmp_path / "program.py"
    program.write_text("this is no Python")
    with pytest.raises(RuntimeError, match=r"program\.py could not be imported"):
        fork_server.ForkServer(program)
