"""How the benchmarks measure: each part in a process of its own, medians of rounds, ratios within a round."""

from __future__ import annotations

import contextlib
import io
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from tlstudio.compute.process import usable_cores

REPOSITORY = Path(__file__).resolve().parents[2]
LIBRARIES = ("torch", "torchvision", "timm", "onnxruntime", "numpy", "pillow", "PySide6_Essentials")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        name: What was measured.
        each: The figure of each round.
        unit: Of the figures: "×" for ratios, "ms", "s", "MB", "images/s".
        at_least: What has to be reached; None when there is no such bound.
        at_most: Likewise.
        note: What one has to know to read the figure.
    """

    name: str
    each: tuple[float, ...]
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def median(self) -> float:
        """The figure that counts."""
        return statistics.median(self.each)

    @property
    def reached(self) -> bool | None:
        """True if the bound is kept; None without one."""
        if self.at_least is None and self.at_most is None:
            return None
        above = self.at_least is None or self.median >= self.at_least
        return above and (self.at_most is None or self.median <= self.at_most)


def ratio(
    name: str,
    over: Sequence[float],
    under: Sequence[float],
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    note: str = "",
) -> Row:
    """A row of ratios, each of two figures of the same round: what slows the machine slows both."""
    each = tuple(a / b for a, b in zip(over, under, strict=True))
    return Row(name=name, each=each, unit="×", at_least=at_least, at_most=at_most, note=note)


def table(rows: Sequence[Row]) -> str:
    """The rows as text, one line each."""
    lines = [f"{'':2}{'measured':<66}{'median':>10} {'unit':<9}{'wanted':>9}   rounds"]
    for row in rows:
        mark = {True: "✓", False: "✗", None: " "}[row.reached]
        wanted = "" if row.at_least is None else f"≥ {row.at_least:g}"
        wanted = wanted if row.at_most is None else f"≤ {row.at_most:g}"
        each = " ".join(f"{value:.3g}" for value in row.each)
        lines.append(f"{mark:2}{row.name:<66}{row.median:>10.3g} {row.unit:<9}{wanted:>9}   {each}")
        if row.note:
            lines.append(f"{'':4}{row.note}")
    return "\n".join(lines)


def write(path: Path, rows: Sequence[Row], **more: Any) -> None:
    """All figures as JSON, with the machine they come from; other rows of an earlier command stay."""
    earlier: list[dict[str, Any]] = []
    if path.exists():
        names = {row.name for row in rows}
        earlier = [row for row in json.loads(path.read_text())["rows"] if row["name"] not in names]
    now = [asdict(row) | {"median": row.median, "reached": row.reached} for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {"machine": machine(), **more, "rows": earlier + now}
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """Describe the computer and the versions that the figures were measured on."""
    versions = {}
    for name in LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": cores(),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "versions": versions,
    }


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def apart(module: str, *, home: Path, **arguments: Any) -> Any:
    """Run `answer` of a module of this folder in a new process.

    Args:
        module: Name of the file, without its ending; its `main` ends with `answer(function)`.
        home: Where the process keeps its cache, settings and projects.
        **arguments: Plain JSON values for the module's function.

    Returns:
        What the function returned, as JSON makes it.
    """
    environment = os.environ | {
        "TLSTUDIO_CACHE": str(home / "cache"),
        "TLSTUDIO_SETTINGS": str(home / "settings"),
        "TLSTUDIO_PROJECTS": str(home / "projects"),
        "HF_HUB_OFFLINE": "1",
    }
    if module in ("ours", "memory"):  # as the engine's main does for itself
        environment |= {"OMP_WAIT_POLICY": "PASSIVE", "MALLOC_ARENA_MAX": str(usable_cores())}
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{module}", json.dumps(arguments)],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the benchmark process {module} {arguments} ended with {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def answer(function: Callable[..., Any]) -> None:
    """The other end of `apart`: arguments from the command line, the result as the last line of stdout."""
    with contextlib.redirect_stdout(io.StringIO()):
        result = function(**json.loads(sys.argv[1]))
    print(json.dumps(result))


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """Say on stderr what is being measured."""
    print(f"  {what} …", file=sys.stderr, flush=True)
    yield
