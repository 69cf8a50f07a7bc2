"""Optimisers over shared flat buffers: Muon for block matrices, AdamW for the rest, owned in parts by the workers.

Parameters, both workers' gradients and all moments live in shared memory, so data parallelism needs no message:
worker r averages the gradients of the parameters it owns and writes the new values, which the others see at once.

Muon after Jordan et al.; Newton-Schulz in bf16, batched over equal shapes, every expert on its own.
Update x sqrt(max(1, rows / columns)), decoupled weight decay. The paper used AdamW for everything.
"""

import math

import torch
from torch import Tensor, nn


def newton_schulz(g: Tensor, steps: int = 5) -> Tensor:
    """The nearest semi-orthogonal matrices (approximately) of a batch [n, rows, cols], rows <= cols."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g / (g.norm(dim=(1, 2), keepdim=True) + 1e-7)
    x = x.bfloat16()
    for _ in range(steps):
        s = x @ x.transpose(1, 2)
        y = torch.baddbmm(s, s, s, beta=b, alpha=c)
        x = torch.baddbmm(x, y, x, beta=a)
    return x.float()


def group_of(name: str) -> str:
    """muon, adam or indexer: which rule trains the parameter of this name."""
    if "indexer" in name:
        return "indexer"
    matrix = ("q_a", "q_b", "kv_a", "kv_b", "o", "gate_up", "down", "experts_gate_up", "experts_down", "shared_gate_up", "shared_down", "eh_proj")
    return "muon" if name.split(".")[-1] in matrix else "adam"


class SharedState:
    """The flat buffers. Create once before the workers start; every worker binds its model to them."""

    def __init__(self, model: nn.Module, procs: int, device="cpu"):
        self.names = [n for n, _ in model.named_parameters()]
        self.shapes = [p.shape for p in model.parameters()]
        sizes = [-(-p.numel() // 16) * 16 for p in model.parameters()]
        self.offsets = [sum(sizes[:i]) for i in range(len(sizes))]
        total = sum(sizes)

        def buffer():
            x = torch.zeros(total, device=device)
            return x.share_memory_() if device == "cpu" else x

        self.params, self.m, self.v = buffer(), buffer(), buffer()
        self.grads = [buffer() for _ in range(procs)]
        for name, p in model.named_parameters():
            self.view(self.params, name).copy_(p.data)
        self.biases = {n: b.share_memory_() if device == "cpu" else b for n, b in model.named_buffers() if n.endswith("router_bias")}

    def view(self, flat: Tensor, name: str) -> Tensor:
        i = self.names.index(name)
        return flat[self.offsets[i] : self.offsets[i] + math.prod(self.shapes[i])].view(self.shapes[i])

    def bind(self, model: nn.Module, rank: int) -> None:
        """Points the model's parameters, gradients and selection biases into the shared buffers."""
        for name, p in model.named_parameters():
            p.data = self.view(self.params, name)
            p.grad = self.view(self.grads[rank], name)
        modules = dict(model.named_modules())
        for name, bias in self.biases.items():
            owner, attribute = name.rsplit(".", 1)
            setattr(modules[owner], attribute, bias)

    def dump(self) -> dict:
        parts = {"params": self.params, "m": self.m, "v": self.v}
        out = {k: {n: self.view(flat, n).clone() for n in self.names} for k, flat in parts.items()}
        out["biases"] = {n: b.clone() for n, b in self.biases.items()}
        return out

    def load(self, saved: dict, moments: bool) -> None:
        for key in ("params", "m", "v") if moments else ("params",):
            flat = getattr(self, key)
            for n in self.names:
                self.view(flat, n).copy_(saved[key][n])
        for n, b in self.biases.items():
            b.copy_(saved["biases"][n])


class Optimiser:
    """The share of worker `rank` in one update. `rates` gives the learning rate per group; absent groups are frozen."""

    def __init__(self, state: SharedState, rank: int, procs: int, trainable: set[str], decay: float):
        self.state, self.decay = state, decay
        costs = {}
        for name, shape in zip(state.names, state.shapes):
            group = group_of(name)
            if group in trainable:
                costs[name] = self.cost(group, shape)
        loads, mine = [0.0] * procs, []
        for name in sorted(costs, key=lambda n: (-costs[n], n)):
            worker = loads.index(min(loads))
            loads[worker] += costs[name]
            if worker == rank:
                mine.append(name)
        self.plain = [n for n in mine if group_of(n) != "muon"]
        self.matrices: dict[tuple[int, int], list[str]] = {}
        for n in mine:
            if group_of(n) == "muon":
                rows, cols = state.view(state.params, n).shape[-2:]
                self.matrices.setdefault((min(rows, cols), max(rows, cols)), []).append(n)

    @staticmethod
    def cost(group: str, shape) -> float:
        size = math.prod(shape)
        return size * (10.0 + 5 * min(shape[-2:])) if group == "muon" else size * 60.0

    def gradient(self, name: str) -> Tensor:
        grads = [self.state.view(g, name) for g in self.state.grads]
        return grads[0] if len(grads) == 1 else torch.stack(grads).mean(0)

    @torch.no_grad()
    def step(self, count: int, rates: dict[str, float]) -> None:
        """`count` is the number of this update, from 1."""
        for shape, names in self.matrices.items():
            self.muon(names, shape, rates["muon"])
        for name in self.plain:
            self.adam(name, count, rates[group_of(name)])

    def muon(self, names: list[str], shape: tuple[int, int], lr: float, momentum: float = 0.95) -> None:
        batch = []
        for n in names:
            g, m = self.gradient(n), self.state.view(self.state.m, n)
            m.lerp_(g, 1 - momentum)
            u = torch.lerp(g, m, momentum).reshape(-1, *g.shape[-2:])  # Nesterov
            batch.append(u if u.shape[1] == shape[0] else u.transpose(1, 2))
        x = newton_schulz(torch.cat(batch))
        at = 0
        for n, u in zip(names, batch):
            p = self.state.view(self.state.params, n)
            part = x[at : at + len(u)]
            at += len(u)
            rows, cols = p.shape[-2:]
            part = part if part.shape[1] == rows else part.transpose(1, 2)
            p.mul_(1 - lr * self.decay).add_(part.reshape(p.shape), alpha=-lr * math.sqrt(max(1, rows / cols)))

    def adam(self, name: str, count: int, lr: float, b1: float = 0.9, b2: float = 0.95, eps: float = 1e-8) -> None:
        g, s = self.gradient(name), self.state
        p, m, v = s.view(s.params, name), s.view(s.m, name), s.view(s.v, name)
        m.lerp_(g, 1 - b1)
        v.mul_(b2).addcmul_(g, g, value=1 - b2)
        scale = v.sqrt().div_(math.sqrt(1 - b2**count)).add_(eps)
        if p.dim() > 1:
            p.mul_(1 - lr * self.decay)
        p.addcdiv_(m, scale, value=-lr / (1 - b1**count))
