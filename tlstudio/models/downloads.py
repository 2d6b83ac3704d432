"""Downloading a weights file from the hub: progress, cancel within a chunk, resume, checksum.

`hf_hub_download` throws away what arrived when it is interrupted, so its parts are used one level lower:
the hub's own metadata call for size and checksum, and its `http_get`, which retries and resumes.
"""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, StageProgress, StageStarted
from tlstudio.core.files import sha256_of
from tlstudio.models.catalogue import BackboneInfo

FILENAME = "model.safetensors"
STAGE = "download"
PIECE_BYTES = 1 << 18

# Errors of this computer's disk, not of the connection.
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO})


def download(
    info: BackboneInfo, folder: Path, *, run_id: str, emit: Emit, control: Control
) -> tuple[Path, str]:
    """Download a backbone's weights file, or the rest of it.

    Args:
        info: `timm_name` is the name of its page on the hub.
        folder: Where the partial file lies; it stays there when this is interrupted.
        run_id: Written into events.
        emit: Told the bytes done, at most ten times a second.
        control: Asked after every piece.

    Returns:
        The complete, checked file under its temporary name, and its SHA-256.

    Raises:
        UserError: No connection, no such file, or a wrong checksum.
        Cancelled: The person cancelled.
        OSError: The disk is full or not writable.
    """
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.file_download import http_get

    control.check()
    # The hub's own pieces of 10 MB would let a slow line neither show progress nor cancel for many seconds.
    constants.DOWNLOAD_CHUNK_SIZE = PIECE_BYTES
    # Like the hub's own programs, follow a mirror that the person has set.
    url = hf_hub_url(f"timm/{info.timm_name}", FILENAME, endpoint=os.environ.get("HF_ENDPOINT"))
    # The hub library changed its HTTP library more than once; its base error is found this way in each.
    connection_errors: tuple[type[Exception], ...] = (OSError, *HfHubHTTPError.__bases__)
    try:
        # No token: nothing about the person is sent.
        metadata = get_hf_file_metadata(url, token=False)
        checksum = metadata.etag or "unknown"
        part = folder / f"{checksum[:16]}.part"
        done = part.stat().st_size if part.exists() else 0
        if metadata.size is not None and done > metadata.size:
            part.unlink()
            done = 0
        emit(StageStarted(run_id=run_id, stage=STAGE, title=f"Downloading {info.title}", total=metadata.size))
        bar = progress_class(run_id=run_id, emit=emit, control=control)
        with part.open("ab") as file:
            http_get(
                url,
                file,
                resume_size=done,
                expected_size=metadata.size,
                displayed_filename=info.title,
                tqdm_class=bar,
            )
    except connection_errors as error:
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise
        raise _told(error, info) from error
    digest = sha256_of(part)
    # The hub's tag of a large file is its SHA-256; small files have another kind of tag.
    if len(checksum) == 64 and digest != checksum:
        part.unlink()
        raise UserError(
            f"The download of {info.title} arrived damaged (its checksum is wrong) and was thrown away.",
            mend="Try again; if it comes back, a proxy or virus scanner may be changing the file.",
        )
    return part, digest


def _told(error: Exception, info: BackboneInfo) -> UserError:
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if status in (401, 403, 404):
        return UserError(
            f"The hub has no file {FILENAME} for timm/{info.timm_name} (answer {status}).",
            mend="Choose another backbone, or give a weights file of your own.",
        )
    return UserError(
        f"The weights of {info.title} could not be downloaded: there is no connection to the hub.",
        work="What has arrived so far is kept.",
        mend=(
            "Connect to the internet and try again, choose a backbone that works offline "
            "(EfficientNet-Lite0), or give a weights file with --weights."
        ),
    )


def progress_class(*, run_id: str, emit: Emit, control: Control) -> type:
    """A class that the hub library takes for a progress bar; it speaks in events instead.

    Args:
        run_id: Written into events.
        emit: Told the bytes done.
        control: Its `check` may raise `Cancelled` out of the download.
    """

    class Progress:
        def __init__(self, *, total: float | None = None, initial: float = 0, **_: Any) -> None:
            self.total = None if total is None else int(total)
            self.initial = self.done = int(initial)
            self.started_seconds = time.monotonic()
            self.told_seconds = 0.0

        def update(self, n: float | None = 1) -> None:
            control.check()
            self.done += int(n or 0)
            now = time.monotonic()
            if self.done != self.total and now - self.told_seconds < 0.1:
                return
            self.told_seconds = now
            emit(
                StageProgress(
                    run_id=run_id,
                    stage=STAGE,
                    done=self.done,
                    total=self.total,
                    seconds_left=self._seconds_left(now),
                )
            )

        def _seconds_left(self, now: float) -> float | None:
            arrived = self.done - self.initial
            if self.total is None or arrived <= 0:
                return None
            return (self.total - self.done) * (now - self.started_seconds) / arrived

        def __enter__(self) -> Progress:
            return self

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            traceback: TracebackType | None,
        ) -> None:
            """Nothing to close."""

    return Progress
