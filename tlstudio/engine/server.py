"""Takes job requests, runs them one by one and emits their events."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol, TextIO

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import Emit, Event, JobCancelled, run_guarded
from tlstudio.core.messages import JobCommand, JobRequest, message_from_json
from tlstudio.operations.context import Context

log = logging.getLogger(__name__)


class RunOperation(Protocol):
    """Runs an operation by its id, as `tlstudio.operations.run.run_operation` does."""

    def __call__(
        self, operation_id: str, arguments: Mapping[str, Any], *, context: Context
    ) -> Mapping[str, Any]:
        """Run it; the result is plain JSON values."""
        ...


class JobServer:
    """Runs requested jobs in order, one at a time; commands take effect at once, also on queued jobs.

    Args:
        run_operation: Does the work of a job.
        emit: Receives every event.
        warm_up: Runs before the first job, when there is time; the first message cancels its control.
    """

    def __init__(
        self,
        run_operation: RunOperation,
        *,
        emit: Emit,
        warm_up: Callable[[Control], None] = lambda control: None,
    ) -> None:
        self._run_operation = run_operation
        self._emit = emit
        self._warm_up = warm_up
        self._warm_up_control = Control()
        self._requests: queue.Queue[JobRequest | None] = queue.Queue()
        self._controls: dict[str, Control] = {}
        self._waiting: set[str] = set()
        self._lock = threading.Lock()

    def receive(self, message: JobRequest | JobCommand) -> None:
        """Take a message; called from the reading thread."""
        self._warm_up_control.cancel()
        if isinstance(message, JobRequest):
            self._controls[message.job_id] = Control()
            self._waiting.add(message.job_id)
            self._requests.put(message)
        elif message.command == "cancel" and self._withdraw(message.job_id):
            self._emit(JobCancelled(run_id=message.job_id))
        elif control := self._controls.get(message.job_id):  # it may end at any moment
            getattr(control, message.command)()

    def _withdraw(self, job_id: str) -> bool:
        """Take a job out of the queue; return whether it was waiting there."""
        with self._lock:
            if job_id not in self._waiting:
                return False
            self._waiting.remove(job_id)
            del self._controls[job_id]
            return True

    def close(self) -> None:
        """Let the running job and the queued ones leave, and `run` return; no more messages will come."""
        self._warm_up_control.cancel()
        for control in list(self._controls.values()):
            control.leave()
        self._requests.put(None)

    def run(self) -> None:
        """Run jobs until `close`."""
        if not self._warm_up_control.cancelled:
            try:
                self._warm_up(self._warm_up_control)
            except Cancelled:
                log.debug("the first job came before the warm-up was done")
            except Exception:  # the job that needs it will report the error
                log.info("the warm-up failed", exc_info=True)
        while (request := self._requests.get()) is not None:
            with self._lock:
                if request.job_id not in self._waiting:
                    continue  # it was withdrawn
                self._waiting.remove(request.job_id)
            self._run_job(request)

    def _run_job(self, request: JobRequest) -> None:
        control = self._controls[request.job_id]

        def emit(event: Event) -> None:
            # A training emits under the name of its run; the window knows the job by its own id.
            self._emit(replace(event, run_id=request.job_id))

        def job() -> Mapping[str, Any]:
            control.check()
            context = Context(run_id=request.job_id, emit=emit, control=control)
            return self._run_operation(request.operation, request.arguments, context=context)

        run_guarded(job, run_id=request.job_id, emit=self._emit)
        del self._controls[request.job_id]


def read_messages(stream: TextIO, server: JobServer) -> None:
    """Feed a server from a stream until the stream ends, then close the server."""
    for line in stream:
        try:
            server.receive(message_from_json(line))
        except ValueError:
            log.exception("skipped a line that is not a message")
    server.close()
