"""Training shards: reading, waiting for them, and laying documents out as a flat batch.

A shard is little-endian: u32 magic "HDL1", u32 version 1, u32 samples, u32 tokens; u32 lengths[samples];
u16 tokens[tokens]; u8 loss[tokens] (1: this token is a target); u8 kind[samples]. Shards are read in order
(the order is the curriculum) and may still be written while training runs.
"""

import json
import os
import struct
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import torch

from model import Batch

MAGIC = 0x48444C31


@dataclass
class Shard:
    tokens: np.ndarray
    loss: np.ndarray
    kind: np.ndarray
    starts: np.ndarray  # int64 [samples + 1]

    def sample(self, i: int) -> tuple[np.ndarray, np.ndarray, int]:
        a, b = self.starts[i], self.starts[i + 1]
        return self.tokens[a:b], self.loss[a:b], int(self.kind[i])


def shard_path(folder: str, index: int) -> str:
    return os.path.join(folder, f"shard-{index:05d}.bin")


def read_shard(path: str) -> Shard | None:
    """The shard, or None while it does not exist or is still shorter than its header says."""
    try:
        with open(path, "rb") as f:
            raw = f.read()
    except FileNotFoundError:
        return None
    if len(raw) < 16:
        return None
    magic, version, samples, total = struct.unpack("<4I", raw[:16])
    if magic != MAGIC or version != 1:
        raise ValueError(f"{path}: magic {magic:#x} version {version}, expected {MAGIC:#x} version 1")
    need = 16 + 4 * samples + 3 * total + samples
    if len(raw) < need:
        return None
    lengths = np.frombuffer(raw, "<u4", samples, 16).astype(np.int64)
    if lengths.sum() != total or len(raw) != need:
        raise ValueError(f"{path}: lengths sum to {lengths.sum()} of {total} tokens, {len(raw)} of {need} bytes")
    at = 16 + 4 * samples
    return Shard(
        np.frombuffer(raw, "<u2", total, at),
        np.frombuffer(raw, "u1", total, at + 2 * total),
        np.frombuffer(raw, "u1", samples, at + 3 * total),
        np.concatenate(([0], lengths.cumsum())),
    )


def write_shard(path: str, samples: list[tuple[list[int], list[int], int]]) -> None:
    """The inverse of read_shard, for tests and synthetic data: (tokens, loss, kind) per sample."""
    total = sum(len(s[0]) for s in samples)
    with open(path + ".tmp", "wb") as f:
        f.write(struct.pack("<4I", MAGIC, 1, len(samples), total))
        f.write(np.array([len(s[0]) for s in samples], "<u4").tobytes())
        f.write(np.concatenate([np.asarray(s[0], "<u2") for s in samples]).tobytes())
        f.write(np.concatenate([np.asarray(s[1], "u1") for s in samples]).tobytes())
        f.write(np.array([s[2] for s in samples], "u1").tobytes())
    os.replace(path + ".tmp", path)


class ShardSet:
    """Random access to a folder of shards, keeping the last few in memory."""

    def __init__(self, folder: str):
        self.folder = folder
        self.cache: OrderedDict[int, Shard] = OrderedDict()

    def get(self, index: int) -> Shard | None:
        shard = self.cache.get(index)
        if shard is None:
            shard = read_shard(shard_path(self.folder, index))
            if shard is not None:
                self.cache[index] = shard
                while len(self.cache) > 4:
                    self.cache.popitem(last=False)
        return shard

    def kinds(self) -> list[str]:
        try:
            with open(os.path.join(self.folder, "meta.json")) as f:
                return list(json.load(f).get("kinds", []))
        except FileNotFoundError:
            return []


class Picker:
    """Walks the curriculum and fills batches with sample addresses (shard, sample)."""

    def __init__(self, shards: ShardSet, position: tuple[int, int], wait, min_len: int, max_len: int):
        """`wait(index)` is called while shard `index` is missing and returns the shard index to go on with, or None to stop."""
        self.shards, self.wait, self.min_len, self.max_len = shards, wait, min_len, max_len
        self.shard, self.sample = position
        self.skipped_long = 0

    def next(self, batch_tokens: int) -> list[tuple[int, int]] | None:
        """Addresses of one batch of at most `batch_tokens` tokens, or None if told to stop."""
        picked, used = [], 0
        while True:
            shard = self.shards.get(self.shard)
            if shard is None:
                goto = self.wait(self.shard)
                if goto is None:
                    return None
                if goto != self.shard:
                    self.shard, self.sample = goto, 0
                continue
            if self.sample >= len(shard.kind):
                self.shard, self.sample = self.shard + 1, 0
                continue
            n = int(shard.starts[self.sample + 1] - shard.starts[self.sample])
            if n > self.max_len or n > batch_tokens:
                self.skipped_long += 1
            elif n >= max(2, self.min_len):
                if used + n > batch_tokens:
                    return picked
                picked.append((self.shard, self.sample))
                used += n
            self.sample += 1


def build_batch(samples: list[tuple[np.ndarray, np.ndarray, int]], document_to=16, round_to=256, device="cpu") -> Batch:
    """Lays samples end to end.

    Documents are padded on the right to a multiple of `document_to` and the whole to a multiple of `round_to`:
    few distinct shapes keep the CPU's kernel cache warm.
    """
    real = [len(s[0]) for s in samples]
    lengths = [-(-n // document_to) * document_to for n in real]
    tail = -sum(lengths) % round_to
    if tail:
        real, lengths = real + [0], lengths + [tail]
    tokens = np.zeros(sum(lengths), np.int64)
    loss = np.zeros(len(tokens), bool)
    valid = np.zeros(len(tokens), bool)
    at = 0
    for (ids, mask, _), padded in zip(samples, lengths):
        tokens[at : at + len(ids)] = ids
        loss[at + 1 : at + len(ids)] = mask[1:]  # nothing precedes a document's first token
        valid[at : at + len(ids)] = True
        at += padded
    target = np.flatnonzero(loss)
    spare = -len(target) % 64  # rows past the targets fill up a kernel shape; the loss does not see them
    rows = np.concatenate((target - 1, np.zeros(spare, np.int64)))

    def tensor(x):
        return torch.from_numpy(np.ascontiguousarray(x)).to(device)

    return Batch(
        tokens=tensor(tokens),
        positions=tensor(np.concatenate([np.arange(n) for n in lengths])),
        lengths=lengths,
        real_lengths=real,
        valid=tensor(np.flatnonzero(valid)),
        rows=tensor(rows),
        targets=tensor(tokens[target]),
    )
