"""Trains the multi-token-prediction block behind a finished trunk. One process, one thread; the clock decides.

    python train/train_mtp.py --trunk checkpoint.pt --data train/data/train --held-out train/data/heldout \\
        --out train/runs/mtp --minutes 60

The rate is constant, then falls to 2 %. Attention is dense at first and sparse in the last part (--sparse-part),
as in the trunk's own stages; the block's indexer learns from its attention all the time. `--resume` goes on at
the same sample and minute. The checkpoint holds the block only; export.py joins it with its trunk.
"""

import argparse
import glob
import json
import os
import signal
import time


def options() -> argparse.Namespace:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--trunk", required=True)
    p.add_argument("--data", required=True)
    p.add_argument("--held-out", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--resume", action="store_true")
    p.add_argument("--minutes", type=float, default=60)
    p.add_argument("--start-shard", type=int, default=0, help="also where the data start again at their end")
    p.add_argument("--batch-tokens", type=int, default=4096)
    p.add_argument("--muon-lr", type=float, default=0.02)
    p.add_argument("--adam-lr", type=float, default=3e-3)
    p.add_argument("--indexer-lr", type=float, default=3e-3)
    p.add_argument("--decay-fraction", type=float, default=0.5)
    p.add_argument("--sparse-part", type=float, default=0.15)
    p.add_argument("--kl-min-len", type=int, default=257, help="indexer loss on documents of this length and more")
    p.add_argument("--balance", type=float, default=0.005)
    p.add_argument("--warmup-steps", type=int, default=20)
    p.add_argument("--nice", type=int, default=15)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--eval-minutes", type=float, default=10)
    p.add_argument("--eval-samples", type=int, default=120)
    return p.parse_args()


ARGS = options()
os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
os.nice(max(0, ARGS.nice - os.nice(0)))

import torch  # noqa: E402

from data import Picker, ShardSet, build_batch  # noqa: E402
from evaluate import held_out_samples  # noqa: E402
from model import Config, Model  # noqa: E402
from mtp import Mtp, both_logits, distillation  # noqa: E402
from muon import Optimiser, SharedState  # noqa: E402


def load_trunk(path: str) -> tuple[Model, dict]:
    saved = torch.load(path, weights_only=True, map_location="cpu")
    trunk = Model(Config(saved["config"]))
    trunk.load_state_dict({**saved["state"]["params"], **saved["state"]["biases"]}, strict=True)
    return trunk.requires_grad_(False), saved


@torch.no_grad()
def acceptance(trunk: Model, mtp: Mtp, shards: ShardSet, limit: int) -> dict:
    """On held-out dialogs, teacher-forced: how often the block's first choice is the trunk's, with selection on."""
    samples = sorted((s for s in held_out_samples(shards, limit) if 3 <= len(s[0]) <= 4096), key=lambda s: len(s[0]))
    hits = total = 0
    while samples:
        group, used = [], 0
        while samples and used + len(samples[0][0]) <= 4096:
            group.append(samples.pop(0))
            used += len(group[-1][0])
        wanted, guesses, drafted, _ = both_logits(trunk, mtp, build_batch(group), sparse=True)
        same = wanted.argmax(-1) == guesses.argmax(-1)
        hits, total = hits + int(same[drafted].sum()), total + int(drafted.sum())
    return {"accepted": round(hits / max(1, total), 4), "tokens": total}


class Trainer:
    def __init__(self, args: argparse.Namespace):
        self.args = args
        os.makedirs(args.out, exist_ok=True)
        torch.set_num_threads(1)
        torch.manual_seed(args.seed)
        self.trunk, _ = load_trunk(args.trunk)
        self.mtp = Mtp(self.trunk)
        self.state = SharedState(self.mtp, 1)
        self.progress = {"steps": 0, "tokens": 0, "seconds": 0.0, "shard": args.start_shard, "sample": 0, "accepted": 0.0}
        found = sorted(glob.glob(os.path.join(args.out, "checkpoint-*.pt")))
        if found and not args.resume:
            raise SystemExit(f"{args.out} already holds {found[-1]}: give --resume or another --out")
        if found:
            saved = torch.load(found[-1], weights_only=True)
            self.state.load(saved["state"], moments=True)
            self.progress = saved["progress"]
            print(f"resumed {found[-1]} at minute {self.progress['seconds'] / 60:.1f}", flush=True)
        self.state.bind(self.mtp, 0)
        print(f"parameters {sum(p.numel() for p in self.mtp.parameters()):,}", flush=True)
        self.optimiser = Optimiser(self.state, 0, 1, {"muon", "adam", "indexer"}, 0.01)
        self.shards, self.held_out = ShardSet(args.data), ShardSet(args.held_out)
        self.picker = Picker(self.shards, (self.progress["shard"], self.progress["sample"]), self.missing_shard, 0, args.batch_tokens)
        self.log_file = open(os.path.join(args.out, "log.jsonl"), "a")
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.on_signal)

    def on_signal(self, number, _frame) -> None:
        print(f"signal {number}: stopping after this step", flush=True)
        self.stopping = True

    def missing_shard(self, index: int) -> int:
        if index == self.args.start_shard:
            raise SystemExit(f"{self.args.data} has no shard {index}")
        print(f"no shard {index}: again from {self.args.start_shard}", flush=True)
        return self.args.start_shard

    def step(self, part: float) -> dict:
        a, progress = self.args, self.progress
        batch = build_batch([self.shards.get(s).sample(i) for s, i in self.picker.next(a.batch_tokens)])
        loads = torch.zeros(self.mtp.cfg.num_hidden_layers, self.mtp.cfg.n_routed_experts)
        wanted, guesses, drafted, run = both_logits(
            self.trunk, self.mtp, batch, sparse=part > 1 - a.sparse_part, kl_min_len=a.kl_min_len - 1, loads=loads)
        loss = lm = distillation(wanted, guesses)
        if run.kl_queries:
            loss = loss + run.kl_loss[self.mtp.layer.index] / run.kl_queries
        self.state.grads[0].zero_()
        loss.backward()
        warm = min(1.0, (progress["steps"] + 1) / a.warmup_steps)
        rate = warm * min(1.0, max(0.02, (1 - part) / a.decay_fraction))
        progress["steps"] += 1
        self.optimiser.step(progress["steps"], {"muon": a.muon_lr * rate, "adam": a.adam_lr * rate, "indexer": a.indexer_lr * rate})
        if part < 0.9:
            with torch.no_grad():
                load, bias = loads[self.mtp.layer.index], self.mtp.layer.router_bias
                bias += a.balance * torch.sign(load.mean() - load)
                bias -= bias.mean()
        same = (wanted.argmax(-1) == guesses.argmax(-1))[drafted].float()
        progress["tokens"] += len(batch.valid)
        progress["shard"], progress["sample"] = self.picker.shard, self.picker.sample
        load = loads[self.mtp.layer.index]
        kl = float(run.kl_loss[self.mtp.layer.index]) / run.kl_queries if run.kl_queries else 0.0
        recall = run.recall[self.mtp.layer.index] / run.recall_queries if run.recall_queries else 0.0
        return {"loss": float(lm), "accepted": float(same.mean()), "kl": kl, "recall": recall, "rate": rate,
                "max_load": float(load.max() / load.mean())}

    def run(self) -> None:
        a, began, before = self.args, time.monotonic(), self.progress["seconds"]
        logged = evaluated = saved = began
        sums: dict[str, float] = {}
        count = 0
        while not self.stopping:
            now = time.monotonic()
            self.progress["seconds"] = before + now - began
            part = self.progress["seconds"] / (a.minutes * 60)
            if part >= 1:
                break
            if now - evaluated > a.eval_minutes * 60:
                self.evaluate()
                evaluated = now
            if now - saved > 120:
                self.save()
                saved = now
            for key, value in self.step(part).items():
                sums[key] = sums.get(key, 0.0) + value
            count += 1
            if now - logged > 20:
                self.write({"step": self.progress["steps"], "tokens": self.progress["tokens"], "minute": round(part * a.minutes, 2),
                            **{k: round(v / count, 4) for k, v in sums.items()}})
                sums, count, logged = {}, 0, now
        self.evaluate()
        self.save()

    def evaluate(self) -> None:
        result = acceptance(self.trunk, self.mtp, self.held_out, self.args.eval_samples)
        self.progress["accepted"] = result["accepted"]
        self.write({"step": self.progress["steps"], "held_out": result})

    def write(self, line: dict) -> None:
        print(json.dumps(line), flush=True)
        self.log_file.write(json.dumps(line) + "\n")
        self.log_file.flush()

    def save(self) -> None:
        """Atomic; keeps the last two."""
        path = os.path.join(self.args.out, f"checkpoint-{self.progress['steps']:07d}.pt")
        torch.save({"config": self.trunk.cfg.values, "state": self.state.dump(), "progress": self.progress, "args": vars(self.args)}, path + ".tmp")
        os.replace(path + ".tmp", path)
        for old in sorted(glob.glob(os.path.join(self.args.out, "checkpoint-*.pt")))[:-2]:
            os.remove(old)


if __name__ == "__main__":
    Trainer(ARGS).run()
