"""Downloads weights files from the hub: with progress, cancelling within a chunk, resuming and a checksum.

`hf_hub_download` discards the partial file when it is interrupted. So the functions below it are used: the
metadata call for size and checksum, and `http_get`, which retries and resumes.
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

# Errors of the disk of this computer rather than of the connection.
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO})


def download(
    info: BackboneInfo, folder: Path, *, run_id: str, emit: Emit, control: Control
) -> tuple[Path, str]:
    """Download the weights file of a backbone, or the rest of it.

    Args:
        info: Of the backbone; `timm_name` is the name of its page on the hub.
        folder: For the partial file, which stays there when the download is interrupted.
        run_id: Written into events.
        emit: Receives progress in bytes, at most ten times a second.
        control: Checked after every piece.

    Returns:
        The complete and checked file, still under its temporary name, and its SHA-256.

    Raises:
        UserError: No connection, no such file, or a wrong checksum.
        Cancelled: The person cancelled.
        OSError: The disk is full or not writable.
    """
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.file_download import http_get

    control.check()
    # With the default pieces of 10 MB, a slow connection could neither show progress nor cancel for seconds.
    constants.DOWNLOAD_CHUNK_SIZE = PIECE_BYTES
    # Use a mirror that the person has set, as the hub's own programs do.
    url = hf_hub_url(f"timm/{info.timm_name}", FILENAME, endpoint=os.environ.get("HF_ENDPOINT"))
    # The hub library has changed its HTTP library more than once; this finds the base error of each.
    connection_errors: tuple[type[Exception], ...] = (OSError, *HfHubHTTPError.__bases__)
    try:
        # No token, so that nothing about the person is sent.
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
        raise _user_error(error, info) from error
    digest = sha256_of(part)
    # The ETag of a large file is its SHA-256; small files have another kind of ETag.
    if len(checksum) == 64 and digest != checksum:
        part.unlink()
        raise UserError(
            f"The download of {info.title} arrived damaged (its checksum is wrong) and was thrown away.",
            mend="Try again; if it comes back, a proxy or virus scanner may be changing the file.",
        )
    return part, digest


def _user_error(error: Exception, info: BackboneInfo) -> UserError:
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
            "(EfficientNet-Lite0), or give a weights file of your own."
        ),
    )


def progress_class(*, run_id: str, emit: Emit, control: Control) -> type:
    """Make a class that the hub library uses as a progress bar and that emits events instead.

    Args:
        run_id: Written into events.
        emit: Receives progress in bytes.
        control: Its `check` may raise `Cancelled`, which ends the download.
    """

    class Progress:
        def __init__(self, *, total: float | None = None, initial: float = 0, **_: Any) -> None:
            self.total = None if total is None else int(total)
            self.initial = self.done = int(initial)
            self.started_seconds = time.monotonic()
            self.emitted_seconds = 0.0

        def update(self, n: float | None = 1) -> None:
            control.check()
            self.done += int(n or 0)
            now = time.monotonic()
            if self.done != self.total and now - self.emitted_seconds < 0.1:
                return
            self.emitted_seconds = now
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
            received = self.done - self.initial
            if self.total is None or received <= 0:
                return None
            return (self.total - self.done) * (now - self.started_seconds) / received

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
