"""Said to the threads of torch before it is imported; this module imports nothing heavy."""

from __future__ import annotations

import os


def let_waiting_threads_sleep() -> None:
    """Make OpenMP's threads sleep while they wait for each other; only before torch is imported.

    By default they wait by turning in circles, which is a little faster on an idle computer. Beside other
    programs it takes the time that the thread they wait for would need: a training step took 9.5 s instead of
    3.6 s on a busy machine.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
