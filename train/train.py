"""Trains hadal-mini in three stages: dense, indexer warm-up, sparse. See README.md for the command lines.

Owns the clock, the workers and the checkpoints. The end time is fixed: the learning rate follows the wall clock
(warm-up in steps, constant, linear fall to 2 %), so a slow machine gives fewer steps, never a later end.

Departures from the paper: Muon beside AdamW, one constant learning rate before the fall, balance speed 0.005
instead of 0.001, and a sparse stage measured in minutes (training reference §1-2).
"""

import argparse
import ctypes
import glob
import json
import os
import signal
import sys
import threading
import time


def options() -> argparse.Namespace:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    here = os.path.dirname(os.path.abspath(__file__))
    p.add_argument("--data", required=True, help="folder of training shards; may still be growing")
    p.add_argument("--out", required=True, help="folder for checkpoints and log.jsonl")
    p.add_argument("--held-out", help="folder of held-out shards")
    p.add_argument("--config", default=os.path.join(here, "configs/mini.json"))
    p.add_argument("--stage", choices=("dense", "indexer", "sparse"), default="dense")
    p.add_argument("--init-from", help="checkpoint of the previous stage: weights only")
    p.add_argument("--resume", action="store_true", help="go on from the newest checkpoint in --out, if there is one")
    p.add_argument("--minutes", type=float, default=120, help="training time, waiting for data included, pauses between runs not")
    p.add_argument("--max-steps", type=int, default=0, help="stop after this many steps (0: only the clock)")
    p.add_argument("--decay-fraction", type=float, default=0.3, help="last part of the time with a falling rate")
    p.add_argument("--warmup-steps", type=int, default=60)
    p.add_argument("--final-rate", type=float, default=0.02, help="rate at the end, relative")
    p.add_argument("--muon-lr", type=float, default=0.02)
    p.add_argument("--adam-lr", type=float, default=3e-3, help="embedding, head, norms, router")
    p.add_argument("--indexer-lr", type=float, default=3e-3)
    p.add_argument("--lr-scale", type=float, help="multiplies all rates (default 1, sparse stage 0.1)")
    p.add_argument("--decay", type=float, default=0.01, help="decoupled weight decay of matrices")
    p.add_argument("--balance", type=float, default=0.005, help="selection bias step, 0 in the last tenth")
    p.add_argument("--batch-tokens", type=int, default=4096, help="tokens per worker and step")
    p.add_argument("--min-len", type=int, help="skip shorter documents (default 0; indexer stage: index_topk / 2)")
    p.add_argument("--kl-min-len", type=int, help="indexer loss only on longer documents (default: index_topk / 2)")
    p.add_argument("--max-len", type=int, default=4096)
    p.add_argument("--start-shard", type=int, default=0, help="first shard of a fresh run")
    p.add_argument("--wait-minutes", type=float, default=3, help="how long to wait for a shard before starting over")
    p.add_argument("--repeat-from", type=float, default=0.4, help="at the end of the data go back to this part of it")
    p.add_argument("--procs", type=int, default=2, help="single-thread workers, data parallel (CPU)")
    p.add_argument("--device", default="cpu")
    p.add_argument("--compile", action=argparse.BooleanOptionalAction, default=False, help="fuse elementwise pieces: about a tenth faster, after minutes of compiling")
    p.add_argument("--nice", type=int, default=10)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--log-seconds", type=float, default=20)
    p.add_argument("--checkpoint-minutes", type=float, default=3)
    p.add_argument("--eval-minutes", type=float, default=8)
    p.add_argument("--eval-samples", type=int, default=240)
    args = p.parse_args()
    if args.device != "cpu" and args.procs != 1:
        p.error("--procs above 1 works through shared memory on the CPU only: give --procs 1 with --device cuda")
    if args.lr_scale is None:
        args.lr_scale = 0.1 if args.stage == "sparse" else 1.0
    return args


def tune_process(nice: int) -> None:
    """One thread per worker, and an allocator that keeps large blocks instead of returning and re-faulting them."""
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    wanted = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "8000000000", "MALLOC_TOP_PAD_": "268435456"}
    if any(os.environ.get(k) != v for k, v in wanted.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **wanted})  # read by libc at start only
    os.nice(max(0, nice - os.nice(0)))


ARGS = options() if __name__ == "__main__" else None
if ARGS:
    tune_process(ARGS.nice)

import torch  # noqa: E402
import torch.multiprocessing as mp  # noqa: E402

from data import Picker, ShardSet, build_batch  # noqa: E402
from evaluate import evaluate, report  # noqa: E402
from kernels import compile_kernels  # noqa: E402
from model import Config, Model, Run  # noqa: E402
from muon import Optimiser, SharedState  # noqa: E402

GROUPS = {"dense": {"muon", "adam"}, "indexer": {"indexer"}, "sparse": {"muon", "adam", "indexer"}}
RUN, EVALUATE, PAUSE, STOP = range(4)
MAX_DOCS = 4096


class Shared:
    """What the workers see of each other: buffers, the barrier, and rank 0's orders for the next step."""

    def __init__(self, args: argparse.Namespace, model: Model):
        cfg = model.cfg
        self.state = SharedState(model, args.procs, args.device)
        self.barrier = mp.get_context("spawn").Barrier(args.procs) if args.procs > 1 else None
        cells = lambda *s, t=torch.float64: torch.zeros(*s, dtype=t).share_memory_()  # noqa: E731
        self.order = cells(1, t=torch.int64)
        self.rates = cells(4)  # muon, adam, indexer, balance
        self.addresses = cells(args.procs, MAX_DOCS, 2, t=torch.int64)
        self.documents = cells(args.procs, t=torch.int64)
        self.loads = cells(args.procs, cfg.num_hidden_layers, cfg.n_routed_experts)
        # per worker: loss sum, targets, tokens, kl queries, recall queries, then kl and recall per layer
        self.stats = cells(args.procs, 5 + 2 * cfg.num_hidden_layers)
        self.eval = cells(args.procs, 64, 8)

    def wait(self) -> None:
        if self.barrier:
            self.barrier.wait()


class Worker:
    """One data-parallel rank: forward, backward, and the update of the parameters it owns."""

    def __init__(self, args: argparse.Namespace, shared: Shared, rank: int):
        torch.set_num_threads(1)
        if args.compile:
            compile_kernels()
        self.args, self.shared, self.rank = args, shared, rank
        self.cfg = Config.load(args.config)
        self.model = Model(self.cfg).to(args.device)
        shared.state.bind(self.model, rank)
        for p_name, p in self.model.named_parameters():
            p.requires_grad_("indexer" in p_name if args.stage == "indexer" else args.stage == "sparse" or "indexer" not in p_name)
        self.optimiser = Optimiser(shared.state, rank, args.procs, GROUPS[args.stage], args.decay)
        self.shards = ShardSet(args.data)
        self.held_out = ShardSet(args.held_out) if args.held_out else None
        self.dtype = torch.bfloat16
        self.count = 0

    def step(self) -> None:
        args, shared = self.args, self.shared
        muon, adam, indexer, balance = shared.rates.tolist()
        addresses = shared.addresses[self.rank, : int(shared.documents[self.rank])].tolist()
        batch = build_batch([self.shards.get(s).sample(i) for s, i in addresses], device=args.device)
        loads = torch.zeros(shared.loads.shape[1:], device=args.device)
        kl = args.stage != "dense"
        run = Run(self.model, batch, sparse=args.stage == "sparse", kl=kl, kl_min_len=args.kl_min_len, loads=loads,
                  dtype=self.dtype, pad=args.device != "cpu")
        shared.state.grads[self.rank].zero_()
        stats = shared.stats[self.rank]
        loss = torch.zeros(())
        if args.stage == "indexer":
            self.model.hidden(run)
        else:
            loss = lm = self.model.loss(run)
            stats[0] += float(lm.detach()) * len(batch.targets)
        if run.kl_queries:
            loss = loss + sum(run.kl_loss) / run.kl_queries
            stats[5:] += torch.tensor([float(x) for x in run.kl_loss] + run.recall, dtype=torch.float64)
        if loss.requires_grad:
            loss.backward()
        stats[1:5] += torch.tensor([len(batch.targets), len(batch.valid), run.kl_queries, run.recall_queries])
        shared.loads[self.rank].copy_(loads)
        shared.wait()  # every gradient is complete
        self.count += 1
        self.optimiser.step(self.count, {"muon": muon, "adam": adam, "indexer": indexer})
        if self.rank == 0 and balance:
            self.balance(balance)

    @torch.no_grad()
    def balance(self, speed: float) -> None:
        """Auxiliary-loss-free balancing: b += speed * sign(mean load - load), kept centred (training reference §1)."""
        loads = self.shared.loads.sum(0)
        for layer in self.model.layers:
            if layer.is_moe:
                load = loads[layer.index].to(layer.router_bias.device)
                layer.router_bias += speed * torch.sign(load.mean() - load).float()
                layer.router_bias -= layer.router_bias.mean()

    def evaluate(self) -> None:
        table = evaluate(self.model, self.held_out, self.args.eval_samples, self.rank, self.args.procs,
                         sparse=self.args.stage != "dense", dtype=self.dtype, device=self.args.device)
        self.shared.eval[self.rank].copy_(table)


def follow(args: argparse.Namespace, shared: Shared, rank: int, count: int) -> None:
    """Body of the other ranks: obey rank 0's orders; die with it."""
    ctypes.CDLL("libc.so.6").prctl(1, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    worker = Worker(args, shared, rank)
    worker.count = count
    while True:
        shared.wait()  # orders are ready
        order = int(shared.order)
        if order == STOP:
            return
        if order == EVALUATE:
            worker.evaluate()
            shared.wait()
        elif order == RUN:
            worker.step()


class Trainer:
    """Rank 0: picks samples, sets rates, logs, evaluates, saves."""

    def __init__(self, args: argparse.Namespace):
        self.args = args
        os.makedirs(args.out, exist_ok=True)
        torch.manual_seed(args.seed)
        cfg = Config.load(args.config)
        if args.kl_min_len is None:
            args.kl_min_len = cfg.index_topk // 2
        if args.min_len is None:
            args.min_len = args.kl_min_len if args.stage == "indexer" else 0
        model = Model(cfg).to(args.device)
        n = model.counts()
        print(f"parameters {n['total']:,}: active {n['active']:,} (head and chosen experts, no embedding), indexer {n['indexer']:,}", flush=True)
        self.shared = Shared(args, model)
        self.progress = {"steps": 0, "tokens": 0, "seconds": 0.0, "shard": args.start_shard, "sample": 0, "stage": args.stage}
        found = sorted(glob.glob(os.path.join(args.out, "checkpoint-*.pt")))
        if args.resume and found:
            saved = torch.load(found[-1], weights_only=True)
            if saved["progress"]["stage"] != args.stage:
                raise SystemExit(f"{found[-1]} belongs to stage {saved['progress']['stage']}, not {args.stage}: give another --out, or --init-from")
            self.shared.state.load(saved["state"], moments=True)
            self.progress = saved["progress"]
            print(f"resumed {found[-1]} at step {self.progress['steps']}, minute {self.progress['seconds'] / 60:.1f}", flush=True)
        elif found:
            raise SystemExit(f"{args.out} already holds {found[-1]}: give --resume or another --out")
        elif args.init_from:
            self.shared.state.load(torch.load(args.init_from, weights_only=True)["state"], moments=False)
            print(f"weights from {args.init_from}", flush=True)
        elif args.stage != "dense":
            raise SystemExit(f"stage {args.stage} needs --init-from with a checkpoint of the stage before")
        self.stopping = False
        signal.signal(signal.SIGTERM, self.on_signal)
        signal.signal(signal.SIGINT, self.on_signal)
        self.children = []
        for rank in range(1, args.procs):
            child = mp.get_context("spawn").Process(target=follow, args=(args, self.shared, rank, self.progress["steps"]), daemon=True)
            child.start()
            self.children.append(child)
        if self.children:
            threading.Thread(target=self.watch, daemon=True).start()
        self.worker = Worker(args, self.shared, 0)
        self.worker.count = self.progress["steps"]
        self.picker = Picker(self.worker.shards, (self.progress["shard"], self.progress["sample"]), self.wait_for_shard, args.min_len, args.max_len)
        self.log_file = open(os.path.join(args.out, "log.jsonl"), "a")

    def on_signal(self, number, _frame) -> None:
        print(f"signal {number}: stopping after this step", flush=True)
        self.stopping = True

    def watch(self) -> None:
        """A dead worker would leave this one at the barrier for ever."""
        while not self.finished:
            for child in self.children:
                child.join(1)
                if child.exitcode not in (None, 0):
                    print(f"worker {child.pid} died with exit code {child.exitcode}; restart with --resume", flush=True)
                    os._exit(1)

    finished = False

    def seconds(self) -> float:
        """Training time so far, earlier runs included."""
        return self.progress["seconds"] + time.monotonic() - self.started

    def wait_for_shard(self, index: int) -> int | None:
        """Polls for the shard; after --wait-minutes goes back to --repeat-from of the data (data ended, time did not)."""
        began = last = time.monotonic()
        print(f"waiting for shard {index} in {self.args.data}", flush=True)
        while self.worker.shards.get(index) is None:
            now = time.monotonic()
            if self.stopping or self.seconds() >= self.args.minutes * 60:
                return None
            if now - last > 30:
                print(f"still waiting for shard {index}, {now - began:.0f} s", flush=True)
                last = now
            if now - began > self.args.wait_minutes * 60 and index > 0:
                goto = int(index * self.args.repeat_from)
                print(f"no shard {index} after {now - began:.0f} s: repeating the data from shard {goto}", flush=True)
                return goto
            time.sleep(0.5)
        return index

    def relative_rate(self, part: float) -> float:
        a = self.args
        warm = min(1.0, (self.progress["steps"] + 1) / max(1, a.warmup_steps))
        fall = 1.0
        if part > 1 - a.decay_fraction:
            fall = max(a.final_rate, 1 - (1 - a.final_rate) * (part - 1 + a.decay_fraction) / a.decay_fraction)
        return warm * fall * a.lr_scale

    def orders(self) -> bool:
        """Fills in the next step's samples and rates; False when it is time to stop."""
        a, shared = self.args, self.shared
        part = self.seconds() / (a.minutes * 60)
        if self.stopping or part >= 1 or (a.max_steps and self.progress["steps"] >= a.max_steps):
            return False
        for rank in range(a.procs):
            picked = self.picker.next(a.batch_tokens)
            if picked is None:
                return False
            shared.documents[rank] = len(picked)
            shared.addresses[rank, : len(picked)] = torch.tensor(picked)
        relative = self.relative_rate(part)
        balance = 0.0 if part > 0.9 or a.stage == "indexer" else a.balance
        shared.rates.copy_(torch.tensor([a.muon_lr * relative, a.adam_lr * relative, a.indexer_lr * relative, balance]))
        if a.stage == "sparse":
            shared.rates[2] = a.indexer_lr * min(1.0, relative / a.lr_scale * 0.3)
        self.relative = relative
        return True

    def run(self) -> None:
        a, shared, progress = self.args, self.shared, self.progress
        self.started = time.monotonic()
        logged = saved = evaluated = time.monotonic()
        shared.stats.zero_()
        while self.orders():
            shared.order[0] = RUN
            shared.wait()
            self.worker.step()
            progress["steps"] += 1
            progress["shard"], progress["sample"] = self.picker.shard, self.picker.sample
            now = time.monotonic()
            if now - logged >= a.log_seconds:
                self.log(now - logged)
                logged = now
            if self.worker.held_out and now - evaluated >= a.eval_minutes * 60:
                self.evaluate()
                evaluated = time.monotonic()
            if now - saved >= a.checkpoint_minutes * 60:
                shared.order[0] = PAUSE
                shared.wait()  # the others have finished their updates
                self.save()
                saved = time.monotonic()
        if shared.stats.any():
            self.log(max(1e-9, time.monotonic() - logged))
        if self.worker.held_out:
            self.evaluate()
        shared.order[0] = STOP
        shared.wait()
        self.finished = True
        for child in self.children:
            child.join()
        self.save()
        print(f"done: step {progress['steps']}, {progress['tokens']:,} tokens, minute {self.seconds() / 60:.1f}", flush=True)

    def log(self, seconds: float) -> None:
        s = self.shared.stats.sum(0)
        self.shared.stats.zero_()
        layers = (len(s) - 5) // 2
        self.progress["tokens"] += int(s[2])
        line = {
            "step": self.progress["steps"], "tokens": self.progress["tokens"], "rate": round(float(s[2]) / seconds),
            "loss": round(float(s[0] / s[1].clamp_min(1)), 4), "lr": float(f"{self.relative:.4g}") if hasattr(self, "relative") else 0,
            "minute": round(self.seconds() / 60, 2), "shard": self.progress["shard"],
        }
        loads = self.shared.loads.sum(0)
        moe = loads[loads.sum(1) > 0]
        if len(moe):
            line["max_load"] = round(float((moe.max(1).values / moe.mean(1)).max()), 2)
        if s[3]:
            line["kl"] = [round(float(x / s[3]), 3) for x in s[5 : 5 + layers]]
        if s[4]:
            line["recall"] = [round(float(x / s[4]), 4) for x in s[5 + layers :]]
        if self.picker.skipped_long:
            line["too_long"] = self.picker.skipped_long
        self.write(line)
        print(" ".join(f"{k} {v}" for k, v in line.items()), flush=True)

    def evaluate(self) -> None:
        self.shared.order[0] = EVALUATE
        self.shared.wait()
        began = time.monotonic()
        self.worker.evaluate()
        self.shared.wait()
        lines = report(self.shared.eval.sum(0), self.worker.held_out.kinds())
        print(f"held-out at step {self.progress['steps']} ({time.monotonic() - began:.1f} s)", flush=True)
        for line in lines:
            print("  " + " ".join(f"{k} {v}" for k, v in line.items()), flush=True)
        self.write({"step": self.progress["steps"], "minute": round(self.seconds() / 60, 2), "held_out": lines})

    def write(self, line: dict) -> None:
        self.log_file.write(json.dumps(line) + "\n")
        self.log_file.flush()

    def save(self) -> None:
        """Atomic; keeps the last two. Rank 0 must be alone: nobody may be inside an update."""
        progress = {**self.progress, "seconds": self.seconds()}
        path = os.path.join(self.args.out, f"checkpoint-{progress['steps']:07d}.pt")
        config = Config.load(self.args.config).values
        torch.save({"config": config, "state": self.shared.state.dump(), "progress": progress, "args": vars(self.args)}, path + ".tmp")
        os.replace(path + ".tmp", path)
        for old in sorted(glob.glob(os.path.join(self.args.out, "checkpoint-*.pt")))[:-2]:
            os.remove(old)


if __name__ == "__main__":
    Trainer(ARGS).run()
