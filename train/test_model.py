"""Self-checks of the trainer: python test_model.py (about a minute on one core)."""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch

from data import Picker, ShardSet, build_batch, write_shard
from export import export
from kernels import compile_kernels
from model import Config, Model, Run
from mtp import Mtp, both_logits
from muon import newton_schulz
from reference_logits import Reference

HERE = os.path.dirname(os.path.abspath(__file__))
TINY = {"vocab_size": 300, "hidden_size": 64, "num_hidden_layers": 3, "intermediate_size": 128, "moe_intermediate_size": 32,
        "num_attention_heads": 2, "q_lora_rank": 48, "kv_lora_rank": 64, "n_routed_experts": 4, "index_topk": 24,
        "index_n_heads": 16,  # with few heads many scores are exactly 0, and ties may be broken either way
        "max_position_embeddings": 512}


def config(**changes) -> Config:
    with open(os.path.join(HERE, "configs/mini.json")) as f:
        return Config({**json.load(f), **TINY, **changes})


def make(cfg: Config) -> Model:
    torch.manual_seed(3)
    model = Model(cfg)
    with torch.no_grad():  # nothing may hide behind ones and zeros
        for name, p in model.named_parameters():
            if "norm" in name:
                p.add_(torch.randn_like(p) * 0.2)
        for layer in model.layers:
            if layer.is_moe:
                layer.router_bias.copy_(torch.randn(cfg.n_routed_experts) * 0.2)
    return model


def documents(*lengths: int, vocab=300, seed=0) -> list[tuple]:
    rng = np.random.default_rng(seed)
    return [(rng.integers(0, vocab, n), rng.integers(0, 2, n), 0) for n in lengths]


def all_logits(model: Model, docs: list[tuple], sparse=False, dtype=torch.float32, pad=False) -> list[torch.Tensor]:
    """Logits per document at every real position."""
    batch = build_batch(docs)
    with torch.no_grad():
        y = model.logits(Run(model, batch, sparse=sparse, dtype=dtype, last_rows=False, pad=pad))
    out, at = [], 0
    for n, real in zip(batch.lengths, batch.real_lengths):
        if real:
            out.append(y[at : at + real])
        at += n
    return out


def close(a, b, tolerance, what):
    worst = (a - b).abs().max().item()
    assert worst < tolerance, f"{what}: differ by {worst:.3g}, allowed {tolerance}"
    print(f"ok   {what} (largest difference {worst:.2g})")


def exported(model: Model, folder: str, mtp: dict | None = None) -> Reference:
    named = {n: p.detach() for n, p in model.named_parameters()}
    biases = {n: b for n, b in model.named_buffers() if n.endswith("router_bias")}
    export({"config": model.cfg.values, "state": {"params": named, "biases": biases}}, folder, torch.float32, mtp)
    return Reference(folder)


def check_against_reference(folder: str) -> None:
    model = make(config())
    docs = documents(5, 37, 300, 17)
    reference = exported(model, folder)
    for sparse in (False, True):
        ours = all_logits(model, docs, sparse)
        for doc, mine in zip(docs, ours):
            theirs = reference.logits(doc[0].tolist(), sparse).float()
            name = f"{'sparse' if sparse else 'dense'} logits equal the absorbed reference, {len(doc[0])} tokens"
            close(mine, theirs, 2e-4, name)
    exact, rough = torch.cat(all_logits(model, docs)), torch.cat(all_logits(model, docs, dtype=torch.bfloat16)).float()
    error = float((rough - exact).norm() / exact.norm())  # single rows may differ more, where the router's choice flips
    assert error < 0.08, f"bf16 is off by {error:.3f} of the logits' size"
    print(f"ok   bf16 near f32 (relative error {error:.3f})")
    close(torch.cat(all_logits(model, docs, pad=True)), torch.cat(all_logits(model, docs)), 1e-4, "padded attention path")


def check_draft_block(folder: str) -> None:
    """The trained form of the MTP block equals the reference's, dense and sparse, at every row it is asked for."""
    trunk = make(config()).requires_grad_(False)
    block = Mtp(trunk)
    with torch.no_grad():
        for p in block.parameters():
            p.add_(torch.randn_like(p) * 0.1)
        block.layer.router_bias.copy_(torch.randn(trunk.cfg.n_routed_experts) * 0.2)
    params = {n: p.data for n, p in block.named_parameters()}
    biases = {n: b for n, b in block.named_buffers()}
    path = os.path.join(folder, "with-mtp")
    reference = exported(trunk, path, {"state": {"params": params, "biases": biases}})
    docs = documents(21, 70, seed=4)
    for sparse in (False, True):
        _, guesses, drafted, _ = both_logits(trunk, block, build_batch(docs), sparse=sparse, dtype=torch.float32)
        at = 0
        for ids, loss, _ in docs:
            wanted = [p for p in range(2, len(ids)) if loss[p]]
            expected = reference.draft_logits(ids.tolist(), sparse).float()[[p - 2 for p in wanted]]
            got = guesses[at : at + len(wanted)]
            close(got, expected, 2e-4, f"draft block, sparse {sparse}")
            assert drafted[at : at + len(wanted)].tolist() == [bool(loss[p - 1]) for p in wanted]
            at += len(wanted)


def check_causality() -> None:
    model = make(config())
    (a,) = documents(90)
    b = (a[0].copy(), *a[1:])
    b[0][60] = (b[0][60] + 1) % 300
    for sparse in (False, True):
        x, y = all_logits(model, [a], sparse)[0], all_logits(model, [b], sparse)[0]
        close(x[:60], y[:60], 1e-5, f"causality, sparse={sparse}")
        assert (x[60:] - y[60:]).abs().max() > 1e-3


def check_topk_covers() -> None:
    docs = documents(120, 30)
    x = all_logits(make(config(index_topk=128)), docs, sparse=True)
    y = all_logits(make(config(index_topk=128)), docs, sparse=False)
    close(torch.cat(x), torch.cat(y), 1e-5, "top-k at least the length equals dense")
    z = all_logits(make(config(index_topk=24)), docs, sparse=True)
    assert (torch.cat(z) - torch.cat(y)).abs().max() > 1e-2, "top-k 24 of 120 changes nothing: selection is inactive"


def check_gradients() -> None:
    """Hand-written backward passes against autograd on plain formulas, through one small model in f32."""
    model = make(config())
    batch = build_batch(documents(40, 300))
    model.loss(Run(model, batch, dtype=torch.float32)).backward()
    mine = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
    with torch.no_grad():
        for name in ("embed", "layers.0.q_b", "layers.1.kv_a", "layers.1.experts_gate_up", "layers.1.router", "layers.2.experts_down",
                     "layers.0.attn_norm", "layers.1.kv_a_norm", "layers.2.shared_gate_up", "head"):
            p, g = dict(model.named_parameters())[name], mine[name]
            direction = g / g.norm()
            losses = []
            for sign in (1, -1):
                p.add_(direction, alpha=sign * 1e-3)
                y = model.logits(Run(model, batch, dtype=torch.float32))[: len(batch.targets)].double()
                losses.append(torch.nn.functional.cross_entropy(y, batch.targets))
                p.sub_(direction, alpha=sign * 1e-3)
            slope = float(losses[0] - losses[1]) / 2e-3
            assert abs(slope - float(g.norm())) < 0.05 * float(g.norm()) + 1e-4, f"{name}: slope {slope}, gradient {float(g.norm())}"
    print("ok   gradients equal finite differences")


def check_indexer_isolation() -> None:
    """The KL reaches the indexer only, and the language loss never does (training reference §2.2)."""
    model = make(config())
    batch = build_batch(documents(80, 60))
    run = Run(model, batch, sparse=True, kl=True, dtype=torch.float32)
    lm = model.loss(run)
    for loss, wanted in ((sum(run.kl_loss), True), (lm, False)):
        model.zero_grad(set_to_none=True)
        loss.backward(retain_graph=True)
        for name, p in model.named_parameters():
            if ("indexer" in name) != wanted:
                assert p.grad is None or p.grad.abs().max() == 0, f"{name} gets gradient from the wrong loss"
            else:
                assert p.grad is not None, f"{name} gets no gradient"
    print("ok   indexer and language losses are separated")


def check_compiled_kernels() -> None:
    """The fused kernels give the loss and gradients of the plain ones."""
    model, batch = make(config()), build_batch(documents(40, 70))
    grads = []
    for _ in range(2):
        model.zero_grad(set_to_none=True)
        model.loss(Run(model, batch, dtype=torch.float32)).backward()
        grads.append(torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None]))
        compile_kernels()
    close(*grads, 1e-5, "compiled kernels: gradients")


def check_newton_schulz() -> None:
    values = torch.linalg.svdvals(newton_schulz(torch.randn(3, 40, 64)))
    assert 0.5 < values.min() and values.max() < 1.4, values
    print("ok   newton-schulz is near orthogonal")


def check_data(folder: str) -> None:
    docs = documents(10, 20, 30, 40, 25)
    write_shard(os.path.join(folder, "shard-00000.bin"), docs)
    shards = ShardSet(folder)
    picker = Picker(shards, (0, 0), lambda index: None, 0, 35)
    assert picker.next(60) == [(0, 0), (0, 1), (0, 2)] and picker.next(60) is None and picker.skipped_long == 1
    ids, loss, _ = shards.get(0).sample(2)
    assert (ids == docs[2][0]).all() and (loss == docs[2][1]).all()
    batch = build_batch([shards.get(0).sample(i) for i in range(3)])
    n = len(batch.targets)
    assert n == sum(int(d[1][1:].sum()) for d in docs[:3]) and (batch.tokens[batch.rows[:n] + 1] == batch.targets).all()
    print("ok   shards and batches")


def check_resume(folder: str) -> None:
    """Two workers do what one does; ten steps in one go and in 6 + 4 give the same last loss (one worker, constant rate)."""
    data = os.path.join(folder, "data")
    os.makedirs(data)
    write_shard(os.path.join(data, "shard-00000.bin"), documents(*[60] * 400))
    path = os.path.join(folder, "tiny.json")
    with open(path, "w") as f:
        json.dump(config().values, f)

    def train(out, *more):
        command = [sys.executable, os.path.join(HERE, "train.py"), "--data", data, "--config", path, "--batch-tokens", "512", "--minutes", "60",
                   "--decay-fraction", "0.01", "--log-seconds", "0", "--no-compile", "--warmup-steps", "1", "--nice", "0", "--out", os.path.join(folder, out), *more]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, out, "log.jsonl")) as f:
            return [json.loads(line)["loss"] for line in f]

    whole = train("a", "--procs", "1", "--max-steps", "10")
    train("b", "--procs", "1", "--max-steps", "6")
    parts = train("b", "--procs", "1", "--max-steps", "10", "--resume")
    assert whole == parts, f"{whole} against {parts}"
    print(f"ok   resume: loss {whole[0]} -> {whole[-1]} both ways")
    one = train("c", "--procs", "1", "--max-steps", "4", "--batch-tokens", "960")
    two = train("d", "--procs", "2", "--max-steps", "4", "--batch-tokens", "480")
    assert max(abs(a - b) for a, b in zip(one, two)) < 5e-3, f"{one} against {two}"
    print(f"ok   two workers of half the batch equal one: losses {one} and {two}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for check in (check_newton_schulz, check_causality, check_topk_covers, check_gradients, check_indexer_isolation):
        check()
    for check in (check_data, check_against_reference, check_draft_block, check_resume):
        with tempfile.TemporaryDirectory() as folder:
            check(folder)
    check_compiled_kernels()
