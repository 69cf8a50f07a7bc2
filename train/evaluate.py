"""Teacher-forced evaluation on held-out shards: loss, token accuracy, and exact segments per sample kind.

A segment is a contiguous span of targets; it is exact when every arg-max is right, which equals a greedy
exact match where the reference answer is deterministic, at a twentieth of the price of generating.
"""

import torch
import torch.nn.functional as F

from data import ShardSet, build_batch
from model import Model, Run

SAMPLES, TARGETS, LOSS, CORRECT, SEGMENTS, EXACT, WHOLE = range(7)
ORDINALS = {60: "first segment", 61: "middle segments", 62: "last segment"}
ROWS = 64


def held_out_samples(shards: ShardSet, limit: int) -> list[tuple]:
    """Up to `limit` samples, evenly spaced over the folder's shards (kinds may be ordered)."""
    addresses, index = [], 0
    while (shard := shards.get(index)) is not None:
        addresses += [(index, i) for i in range(len(shard.kind))]
        index += 1
    if not addresses:
        raise FileNotFoundError(f"no shard-00000.bin in {shards.folder}: the held-out folder is empty")
    stride = max(1, len(addresses) / limit)
    chosen = [addresses[int(j * stride)] for j in range(min(limit, len(addresses)))]
    return [shards.get(s).sample(i) for s, i in chosen]


@torch.no_grad()
def evaluate(model: Model, shards: ShardSet, limit: int, rank=0, procs=1, *, sparse=False, dtype=torch.bfloat16,
             device="cpu", batch_tokens=4096, max_len=4096) -> torch.Tensor:
    """f64 [64, 8] sums for this rank's share of the samples; a row per kind and per segment ordinal."""
    table = torch.zeros(ROWS, 8, dtype=torch.float64)
    samples = [s for s in held_out_samples(shards, limit) if 2 <= len(s[0]) <= min(max_len, batch_tokens)][rank::procs]
    samples.sort(key=lambda s: len(s[0]))
    at = 0
    while at < len(samples):
        group, used = [], 0
        while at < len(samples) and used + len(samples[at][0]) <= batch_tokens:
            group.append(samples[at])
            used += len(samples[at][0])
            at += 1
        batch = build_batch(group, device=device)
        logits = model.logits(Run(model, batch, sparse=sparse, dtype=dtype, pad=device != "cpu"))[: len(batch.targets)].float()
        loss = F.cross_entropy(logits, batch.targets, reduction="none").cpu()
        right = (logits.argmax(-1) == batch.targets).cpu()
        first = 0
        for ids, mask, kind in group:
            count = int((mask[1:] != 0).sum())
            tally(table, mask, kind, loss[first : first + count], right[first : first + count])
            first += count
    return table


def tally(table, mask, kind: int, loss, right) -> None:
    """Adds one sample; `loss` and `right` belong to its targets in order."""
    segments, at, previous = [], 0, False
    for flag in mask[1:]:
        if flag:
            if not previous:
                segments.append([])
            segments[-1].append(bool(right[at]))
            at += 1
        previous = bool(flag)
    row = table[min(kind, 59)]
    row[SAMPLES] += 1
    row[TARGETS] += len(loss)
    row[LOSS] += float(loss.sum())
    row[CORRECT] += int(right.sum())
    row[SEGMENTS] += len(segments)
    row[EXACT] += sum(all(s) for s in segments)
    row[WHOLE] += all(all(s) for s in segments)
    for i, segment in enumerate(segments):
        row = table[60 if i == 0 else 62 if i == len(segments) - 1 else 61]
        row[SEGMENTS] += 1
        row[EXACT] += all(segment)
        row[TARGETS] += len(segment)
        row[CORRECT] += sum(segment)


def report(table: torch.Tensor, kinds: list[str]) -> list[dict]:
    """Readable lines: all, every kind met, every ordinal met."""
    total = table[:60].sum(0)
    rows = [("all", total)]
    rows += [(kinds[i] if i < len(kinds) else f"kind-{i}", table[i]) for i in range(60) if table[i][SAMPLES]]
    rows += [(name, table[i]) for i, name in ORDINALS.items() if table[i][SEGMENTS]]
    lines = []
    for name, r in rows:
        line = {"kind": name}
        if r[SAMPLES]:
            line |= {"samples": int(r[SAMPLES]), "loss": round(float(r[LOSS] / r[TARGETS].clamp_min(1)), 4)}
        line |= {
            "token_accuracy": round(float(r[CORRECT] / r[TARGETS].clamp_min(1)), 4),
            "segments": int(r[SEGMENTS]),
            "segment_exact": round(float(r[EXACT] / r[SEGMENTS].clamp_min(1)), 4),
        }
        if r[SAMPLES]:
            line["sample_exact"] = round(float(r[WHOLE] / r[SAMPLES]), 4)
        lines.append(line)
    return lines
