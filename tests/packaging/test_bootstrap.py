"""Setting up a bare machine, with substitutes for the commands that change the system."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SHELL = shutil.which("sh") or "sh"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows users install with pip")

SCRIPT = ROOT / "packaging" / "bootstrap.sh"
ALL_LIBRARIES = "\n".join(
    f"\t{name} (libc6,x86-64) => /lib/{name}"
    for name in re.findall(r"(lib\S+\.so\.\d+) [a-z]", SCRIPT.read_text(encoding="utf-8"))
)


class Machine:
    """A checkout and a set of commands, of which every call is written down."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "check out"
        self.commands = folder / "commands"
        self.calls_file = folder / "calls.txt"
        (self.checkout / "packaging").mkdir(parents=True)
        self.commands.mkdir()
        shutil.copy(SCRIPT, self.checkout / "packaging")
        (self.checkout / "pyproject.toml").write_text("[project]\n")
        (self.checkout / "constraints.txt").write_text("numpy==1\n")
        self.command("id", "echo 1000")
        self.command("uname", "echo Linux")
        self.command("Xvfb", "true")
        self.command("apt-get", "true")
        self.libraries(ALL_LIBRARIES)
        # What "python3 -m venv" leaves: another substitute.
        venv_python = f'printf "%s\\n" "venv-python $*" >> "{self.calls_file}"'
        self.command(
            "python3",
            f"""case "$*" in *"-m venv"*) mkdir -p "$3/bin"
            printf '#!/bin/sh\\n%s\\n' '{venv_python}' > "$3/bin/python"; chmod +x "$3/bin/python"
            printf '#!%s\\n' "$3/bin/python" > "$3/bin/pip";; esac""",
        )

    def command(self, name: str, script: str) -> None:
        """Put a substitute before the real command."""
        file = self.commands / name
        file.write_text(f'#!/bin/sh\nprintf "%s\\n" "{name} $*" >> "{self.calls_file}"\n{script}\n')
        file.chmod(0o755)

    def libraries(self, listing: str) -> None:
        """Set the list of libraries that the dynamic linker prints."""
        (self.commands / "listing").write_text(listing + "\n")
        self.command("ldconfig", f'cat "{self.commands / "listing"}"')

    def call(self, target: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script as a person would."""
        self.calls_file.unlink(missing_ok=True)
        path = f"{self.commands}:{os.environ['PATH']}"
        return subprocess.run(
            [SHELL, str(self.checkout / "packaging" / "bootstrap.sh"), target],
            env={"PATH": path, "HOME": str(self.checkout), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    def calls(self, prefix: str) -> list[str]:
        """The calls of a command, in order."""
        lines = self.calls_file.read_text().splitlines() if self.calls_file.exists() else []
        return [line for line in lines if line.startswith(prefix)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_ordinary_user_without_libraries_gets_the_line_to_type(machine: Machine) -> None:
    machine.libraries("")
    result = machine.call("test")
    assert result.returncode == 1
    assert "sudo apt-get install -y libglib2.0-0 libegl1 libgl1 libx11-6 libxkbcommon0" in result.stderr
    assert machine.calls("apt-get") == []


def test_root_gets_what_is_missing_and_nothing_else(machine: Machine) -> None:
    machine.command("id", "echo 0")
    machine.libraries(ALL_LIBRARIES.replace("libEGL.so.1", "gone").replace("libxcb-cursor.so.0", "gone"))
    result = machine.call("prepare")
    assert result.returncode == 0, result.stderr
    assert machine.calls("apt-get install") == [
        "apt-get install -y -qq --no-install-recommends libegl1",
        "apt-get install -y -qq --no-install-recommends libxcb-cursor0",
    ]


def test_failing_apt_shows_its_words(machine: Machine) -> None:
    machine.command("id", "echo 0")
    machine.command("apt-get", "echo 'E: no such mirror' >&2; exit 100")
    machine.libraries("")
    result = machine.call("prepare")
    assert result.returncode == 1
    assert "E: no such mirror" in result.stderr
    assert "could not install: libglib2.0-0" in result.stderr


def test_without_a_screen_the_demonstration_runs(machine: Machine) -> None:
    machine.libraries("")  # the demonstration opens no window, so nothing of this is missed
    result = machine.call("run")
    assert result.returncode == 0, result.stderr
    assert "There is no screen here" in result.stderr
    assert machine.calls("venv-python")[-1] == "venv-python -m tlstudio demo --out demo-output"


@pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_with_a_screen_the_app_opens(machine: Machine, variable: str) -> None:
    result = machine.call("run", **{variable: ":1"})
    assert result.returncode == 0, result.stderr
    assert machine.calls("venv-python")[-1] == "venv-python -m tlstudio"


def test_second_time_installs_nothing(machine: Machine) -> None:
    machine.call("prepare")
    assert len(machine.calls("venv-python -m pip install")) == 2
    machine.call("prepare")
    assert machine.calls("venv-python -m pip") == []
    assert machine.calls("python3") == []


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_are_installed_into_the_same_venv(machine: Machine, name: str) -> None:
    machine.call("prepare")
    file = machine.checkout / name
    file.write_text(file.read_text() + "# another line\n")
    machine.call("prepare")
    assert len(machine.calls("venv-python -m pip install")) == 2
    assert [line for line in machine.calls("python3") if "-m venv" in line] == []


def test_moved_checkout_makes_its_venv_anew(machine: Machine, tmp_path: Path) -> None:
    machine.call("prepare")
    moved = tmp_path / "moved"
    machine.checkout.rename(moved)
    machine.checkout = moved
    machine.call("prepare")
    assert [line for line in machine.calls("python3") if "-m venv" in line] == [
        f"python3 -m venv {moved}/.venv"
    ]


def test_venv_that_a_person_made_is_kept(machine: Machine) -> None:
    venv = machine.checkout / ".venv"
    subprocess.run(
        ["python3", "-m", "venv", venv], env={"PATH": f"{machine.commands}:{os.environ['PATH']}"}, check=True
    )
    (venv / "torch-of-my-own").touch()
    machine.call("prepare")
    assert (venv / "torch-of-my-own").exists()
    assert len(machine.calls("venv-python -m pip install")) == 2


def test_failed_installation_is_tried_again(machine: Machine) -> None:
    machine.call("prepare")
    (machine.checkout / ".venv" / ".tlstudio-installed").unlink()
    python = machine.checkout / ".venv" / "bin" / "python"
    working = python.read_text()
    python.write_text('#!/bin/sh\ncase "$*" in *"pip install"*) exit 1;; esac\n')
    result = machine.call("prepare")
    assert result.returncode == 1
    assert "Is the network there?" in result.stderr
    python.write_text(working)
    machine.call("prepare")
    assert len(machine.calls("venv-python -m pip install")) == 2


def test_old_python_is_named(machine: Machine) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14", "python"):
        machine.command(name, "exit 1")
    result = machine.call("run")
    assert result.returncode == 1
    assert "Python 3.11 or newer is needed" in result.stderr


def test_unknown_target_shows_the_known_ones(machine: Machine) -> None:
    result = machine.call("tset")
    assert result.returncode == 1
    assert "run|test|test-all|lint|docs|bench" in result.stderr
