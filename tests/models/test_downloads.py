"""Downloads from a small server on this computer that answers as the hub does."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageProgress, StageStarted
from tlstudio.models.catalogue import availability, backbone_info, cached_weights
from tlstudio.models.downloads import PIECE_BYTES
from tlstudio.models.weights import fetch_weights

INFO = backbone_info("resnet18")
ADDRESS = "/timm/resnet18.tv_in1k/resolve/main/model.safetensors"


@dataclass
class Hub:
    """A server: what it holds, and the requests it received."""

    data: bytes = field(default_factory=lambda: os.urandom(12 * PIECE_BYTES + 1000))
    checksum: str = ""
    ranges: list[str | None] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self.checksum = hashlib.sha256(self.data).hexdigest()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, fresh_cache: Path) -> Iterator[Hub]:
    held = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None: ...

        def answer(self, status: int, body: bytes, *, send: bool) -> None:
            held.tokens += self.headers.get_all("authorization") or []
            self.send_response(status)
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("ETag", f'"{held.checksum}"')
            self.send_header("X-Linked-Size", str(len(held.data)))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if send:
                self.wfile.write(body)

        def do_HEAD(self) -> None:
            found = self.path == ADDRESS
            self.answer(200 if found else 404, held.data if found else b"", send=False)

        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            held.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            try:
                self.answer(206 if asked else 200, held.data[start:], send=True)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the other side cancelled

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    held.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("HF_ENDPOINT", held.url)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", constants.DOWNLOAD_CHUNK_SIZE)
    yield held
    huggingface_hub.close_session()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_download_emits_progress_and_is_cached(hub: Hub, fresh_cache: Path) -> None:
    events: list[Event] = []
    assert availability(INFO).state == "download"
    path = fetch_weights(INFO, run_id="r", emit=events.append)
    assert path == cached_weights(INFO)
    assert path.is_relative_to(fresh_cache)
    assert path.read_bytes() == hub.data
    assert availability(INFO).state == "cached"
    started, *progress = events
    assert started == StageStarted(
        run_id="r", stage="download", title="Downloading ResNet-18", total=len(hub.data)
    )
    assert all(isinstance(event, StageProgress) for event in progress)
    done = [event.done for event in progress]
    assert done == sorted(done)
    assert done[-1] == len(hub.data)
    assert not list(path.parent.glob("*.part"))
    assert hub.tokens == []


def test_a_cached_file_is_not_requested_again(hub: Hub) -> None:
    fetch_weights(INFO)
    fetch_weights(INFO)
    assert len(hub.ranges) == 1


def test_a_damaged_cached_file_is_downloaded_again(hub: Hub) -> None:
    path = fetch_weights(INFO)
    path.write_bytes(b"spoiled")
    assert fetch_weights(INFO).read_bytes() == hub.data
    assert len(hub.ranges) == 2


class CancelAfter(Control):
    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def check(self, **options: object) -> None:
        self.pieces -= 1
        if self.pieces < 0:
            self.cancel()
        super().check()


def test_cancel_ends_a_download_at_the_next_piece_and_it_is_resumed_later(hub: Hub) -> None:
    with pytest.raises(Cancelled):
        fetch_weights(INFO, control=CancelAfter(6))
    path = cached_weights(INFO)
    (part,) = path.parent.glob("*.part")
    arrived = part.stat().st_size
    assert 0 < arrived <= 6 * PIECE_BYTES
    assert availability(INFO).state == "download"
    assert fetch_weights(INFO).read_bytes() == hub.data
    assert hub.ranges == [None, f"bytes={arrived}-"]


def test_a_cancelled_job_sends_no_request(hub: Hub) -> None:
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        fetch_weights(INFO, control=control)
    assert hub.ranges == []


def test_a_partial_file_of_another_version_is_not_resumed(hub: Hub) -> None:
    with pytest.raises(Cancelled):
        fetch_weights(INFO, control=CancelAfter(6))
    hub.data = os.urandom(2 * PIECE_BYTES)
    hub.checksum = hashlib.sha256(hub.data).hexdigest()
    assert fetch_weights(INFO).read_bytes() == hub.data
    assert hub.ranges[-1] is None


def test_a_partial_file_longer_than_the_whole_is_discarded(hub: Hub) -> None:
    part = cached_weights(INFO).parent / f"{hub.checksum[:16]}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(len(hub.data) + 5))
    assert fetch_weights(INFO).read_bytes() == hub.data


def test_a_file_with_a_wrong_checksum_is_refused_and_deleted(hub: Hub) -> None:
    hub.checksum = "0" * 64
    with pytest.raises(UserError, match="checksum"):
        fetch_weights(INFO)
    assert availability(INFO).state == "download"
    assert not [file for file in cached_weights(INFO).parent.iterdir() if file.suffix != ".lock"]


def test_a_file_missing_on_the_hub_is_a_user_error(hub: Hub) -> None:
    with pytest.raises(UserError, match=r"no file.*resnet18\.nowhere.*404"):
        fetch_weights(replace(INFO, timm_name="resnet18.nowhere"))


@pytest.mark.parametrize("why", ["nobody answers", "offline mode"])
def test_without_a_connection_the_error_says_what_to_do(
    why: str, monkeypatch: pytest.MonkeyPatch, fresh_cache: Path
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", why == "offline mode")
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", constants.DOWNLOAD_CHUNK_SIZE)
    with pytest.raises(UserError) as caught:
        fetch_weights(INFO)
    huggingface_hub.close_session()
    assert "no connection" in caught.value.what
    assert "EfficientNet-Lite0" in caught.value.mend
    assert "weights file of your own" in caught.value.mend


def test_a_full_disk_is_not_reported_as_a_lost_connection(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.open

    def full(self: Path, mode: str = "r", **options: object) -> object:
        if self.suffix == ".part":
            raise OSError(28, "No space left on device", str(self))
        return real(self, mode, **options)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match="No space left"):
        fetch_weights(INFO)


def test_two_concurrent_calls_download_once(hub: Hub) -> None:
    with pytest.MonkeyPatch.context() as patch:
        from tlstudio.models import weights

        real, running = weights.download, []

        def slow(*args: object, **options: object) -> object:
            running.append(None)
            time.sleep(0.3)
            return real(*args, **options)

        patch.setattr(weights, "download", slow)
        threads = [threading.Thread(target=fetch_weights, args=(INFO,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(running) == 1
    assert cached_weights(INFO).read_bytes() == hub.data
