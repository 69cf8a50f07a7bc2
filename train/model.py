"""DeepSeek-V3.2 at toy size, for training: MLA, sigmoid-gated MoE, lightning indexer, top-k attention.

Owns the forward pass and the losses. Knows nothing of files, optimisers or processes.

A batch is a *flat* stream of documents: every matrix product runs over all tokens at once and only
attention looks at document borders, so no padding is ever multiplied. Positions restart per document.

Departures from the paper (arXiv 2512.02556 and 2412.19437), all for speed or size on a CPU:
  - no FP8 and no Hadamard rotation in the indexer (orthonormal, so scores are unchanged in f32);
  - no sequence-wise balance loss: the selection bias alone balances; multi-token prediction comes afterwards (mtp.py);
  - matrix products in bf16 with f32 master weights, residual stream, router, softmax and loss;
  - the last layer's output projection and FFN run only at positions that carry a loss (the same
    gradients; its expert loads are therefore counted on those positions);
  - the indexer's KL is taken on documents longer than `kl_min_len` only: selection never acts on others.
"""

import json
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kernels import RmsNorm, Rotate, SwiGlu


class Config:
    """Attribute access to a dictionary with the key names of Hugging Face's config.json."""

    def __init__(self, values: dict):
        self.__dict__.update(values)
        self.values = values
        if values.get("rope_scaling"):
            raise ValueError("rope_scaling is set: YaRN is not implemented here, use null")
        if values["n_group"] != 1 or values["topk_group"] != 1:
            raise ValueError("n_group and topk_group must be 1: group-limited routing is not implemented here")
        if not values["norm_topk_prob"] or values["scoring_func"] != "sigmoid":
            raise ValueError("only scoring_func sigmoid with norm_topk_prob true is implemented")
        if values["kv_lora_rank"] + values["qk_rope_head_dim"] == values["index_head_dim"]:
            raise ValueError("kv_lora_rank + qk_rope_head_dim equals index_head_dim: llama.cpp would confuse its two caches")

    @staticmethod
    def load(path: str) -> "Config":
        with open(path) as f:
            return Config(json.load(f))


@dataclass
class Batch:
    """Documents laid end to end. `rows` are the positions whose successor is a target."""

    tokens: Tensor  # int64 [N]
    positions: Tensor  # int64 [N], restarting per document
    lengths: list[int]  # per document with its padding on the right, sums to N
    real_lengths: list[int]  # without padding; 0 for a document that is only padding
    valid: Tensor  # int64, the positions that are not padding
    rows: Tensor  # int64 [R rounded up to 64], the spare ones are 0
    targets: Tensor  # int64 [R]


# --- pieces with hand-written gradients (plain autograd would make 2-3x the passes) -----------------


class Dispatch(torch.autograd.Function):
    """Copies token rows into expert slots. Unused slots get row 0 and are never read back."""

    @staticmethod
    def forward(ctx, x, source, slot):
        ctx.save_for_backward(slot)
        return x.index_select(0, source)

    @staticmethod
    def backward(ctx, g):
        (slot,) = ctx.saved_tensors
        n, k = slot.shape
        total = g.index_select(0, slot[:, 0])
        for j in range(1, k):
            total += g.index_select(0, slot[:, j])
        return total, None, None


class Combine(torch.autograd.Function):
    """y[t] = sum_j weight[t, j] * out[slot[t, j]] in f32."""

    @staticmethod
    def forward(ctx, out, weight, slot):
        ctx.save_for_backward(out, weight, slot)
        y = None
        for j in range(slot.shape[1]):
            part = out.index_select(0, slot[:, j]) * weight[:, j : j + 1]
            y = part if y is None else y.add_(part)
        return y

    @staticmethod
    def backward(ctx, g):
        out, weight, slot = ctx.saved_tensors
        d_out = torch.zeros_like(out)
        d_weight = torch.empty_like(weight)
        for j in range(slot.shape[1]):
            rows = slot[:, j]
            d_weight[:, j] = (out.index_select(0, rows) * g).sum(-1)
            d_out.index_copy_(0, rows, (g * weight[:, j : j + 1]).to(out.dtype))
        return d_out, d_weight, None


class CausalAttention(torch.autograd.Function):
    """Causal softmax attention inside each document of a flat batch: q, k [N, h, d], v [N, h, v].

    Batched products in blocks of 256 queries that skip the keys on their right: 2-2.5x torch's fused CPU kernel.
    Logits and probabilities are kept in the input's dtype; the softmax itself runs in f32.
    """

    BLOCK = 256

    @staticmethod
    def blocks(lengths):
        """(first key, first query, end of queries = end of keys) of every block."""
        start = 0
        for n in lengths:
            for b in range(0, n, CausalAttention.BLOCK):
                yield start, start + b, start + min(n, b + CausalAttention.BLOCK)
            start += n

    @staticmethod
    def forward(ctx, q, k, v, lengths, scale, strip):
        ctx.lengths, ctx.scale = lengths, scale
        q_t, k_t, v_t = q.transpose(0, 1), k.transpose(0, 1), v.transpose(0, 1)
        out = torch.empty(v.shape, dtype=v.dtype, device=v.device)
        out_t, saved = out.transpose(0, 1), []
        width = strip.shape[1] - CausalAttention.BLOCK
        for s, b, e in CausalAttention.blocks(lengths):
            mask = strip[: e - b, width - (b - s) : width - (b - s) + (e - s)]
            p = torch.baddbmm(mask, q_t[:, b:e], k_t[:, s:e].transpose(1, 2), alpha=scale)
            p = torch._softmax(p, -1, False)
            out_t[:, b:e] = torch.bmm(p, v_t[:, s:e])
            saved.append(p)
        ctx.save_for_backward(q, k, v, *saved)
        return out

    @staticmethod
    def backward(ctx, g):
        q, k, v, *saved = ctx.saved_tensors
        q_t, k_t, v_t, g_t = q.transpose(0, 1), k.transpose(0, 1), v.transpose(0, 1), g.transpose(0, 1)
        dq, dk, dv = torch.empty(q.shape, dtype=q.dtype, device=q.device), torch.zeros_like(k), torch.zeros_like(v)
        dq_t, dk_t, dv_t = dq.transpose(0, 1), dk.transpose(0, 1), dv.transpose(0, 1)
        for p, (s, b, e) in zip(saved, CausalAttention.blocks(ctx.lengths)):
            dv_t[:, s:e] += torch.bmm(p.transpose(1, 2), g_t[:, b:e])
            dp = torch.bmm(g_t[:, b:e], v_t[:, s:e].transpose(1, 2))
            ds = torch._softmax_backward_data(dp, p, -1, p.dtype).mul_(ctx.scale)
            dq_t[:, b:e] = torch.bmm(ds, k_t[:, s:e])
            dk_t[:, s:e] += torch.bmm(ds.transpose(1, 2), q_t[:, b:e])
        return dq, dk, dv, None, None, None


class CrossEntropy(torch.autograd.Function):
    """Mean of -log softmax(logits)[target]; rows past the targets are ignored. The gradient reuses the memory."""

    @staticmethod
    def forward(ctx, logits, target):
        p = torch._softmax(logits, -1, False)
        ctx.save_for_backward(target)
        ctx.p = p
        return -p[: len(target)].gather(1, target[:, None]).float().clamp_min(1e-30).log().mean()

    @staticmethod
    def backward(ctx, g):
        (target,) = ctx.saved_tensors
        grad, ctx.p = ctx.p, None
        n = len(target)
        grad[torch.arange(n, device=target.device), target] -= 1
        grad[n:] = 0
        return grad.mul_(g / n), None


def causal_strip(width: int, dtype, device=None) -> Tensor:
    """strip[r, c] is -inf where c > r + width: every block's causal mask is a slice of it."""
    block = CausalAttention.BLOCK
    return torch.full((block, width + block), -torch.inf, dtype=dtype, device=device).triu_(width + 1)


def rope_tables(cfg: Config, device=None) -> tuple[Tensor, Tensor]:
    """cos and sin, f32 [max_position, rope/2]; pair i turns by position * theta^(-2i/rope)."""
    half = cfg.qk_rope_head_dim // 2
    freq = cfg.rope_theta ** (-torch.arange(half, dtype=torch.float64, device=device) / half)
    angle = torch.arange(cfg.max_position_embeddings, dtype=torch.float64, device=device)[:, None] * freq
    return angle.cos().float(), angle.sin().float()


def rope_half_split(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """The indexer's layout: pairs (x_i, x_{i+rope/2}) in the first `rope` dims; the rest untouched."""
    half = cos.shape[-1]
    a, b, rest = x.split((half, half, x.shape[-1] - 2 * half), -1)
    c, s = cos[:, None], sin[:, None]
    return torch.cat((a * c - b * s, a * s + b * c, rest), -1)


# --- the model --------------------------------------------------------------------------------------


class Layer(nn.Module):
    """One decoder layer. Weights are [out, in]; gate and up are stored as one [2, ff, d] array."""

    def __init__(self, cfg: Config, index: int):
        super().__init__()
        d, h = cfg.hidden_size, cfg.num_attention_heads
        qk = cfg.qk_nope_head_dim + cfg.qk_rope_head_dim
        self.cfg, self.index, self.is_moe = cfg, index, index >= cfg.first_k_dense_replace
        out_gain = 1 / math.sqrt(2 * cfg.num_hidden_layers)

        def matrix(*shape, gain=1.0):
            return nn.Parameter(torch.randn(*shape) * (gain / math.sqrt(shape[-1])))

        self.attn_norm = nn.Parameter(torch.ones(d))
        self.q_a = matrix(cfg.q_lora_rank, d)
        self.q_a_norm = nn.Parameter(torch.ones(cfg.q_lora_rank))
        self.q_b = matrix(h * qk, cfg.q_lora_rank)
        self.kv_a = matrix(cfg.kv_lora_rank + cfg.qk_rope_head_dim, d)
        self.kv_a_norm = nn.Parameter(torch.ones(cfg.kv_lora_rank))
        self.kv_b = matrix(h * (cfg.qk_nope_head_dim + cfg.v_head_dim), cfg.kv_lora_rank)
        self.o = matrix(d, h * cfg.v_head_dim, gain=out_gain)
        self.ffn_norm = nn.Parameter(torch.ones(d))
        if self.is_moe:
            e, f = cfg.n_routed_experts, cfg.moe_intermediate_size
            self.router = matrix(e, d)
            self.register_buffer("router_bias", torch.zeros(e))
            self.experts_gate_up = matrix(e, 2, f, d)
            self.experts_down = matrix(e, d, f, gain=out_gain)
            self.shared_gate_up = matrix(2, f * cfg.n_shared_experts, d)
            self.shared_down = matrix(d, f * cfg.n_shared_experts, gain=out_gain)
        else:
            self.gate_up = matrix(2, cfg.intermediate_size, d)
            self.down = matrix(d, cfg.intermediate_size, gain=out_gain)
        self.indexer_q_b = matrix(cfg.index_n_heads * cfg.index_head_dim, cfg.q_lora_rank)
        self.indexer_k = matrix(cfg.index_head_dim, d)
        self.indexer_k_norm = nn.Parameter(torch.ones(cfg.index_head_dim))
        self.indexer_k_norm_bias = nn.Parameter(torch.zeros(cfg.index_head_dim))
        self.indexer_weights = matrix(cfg.index_n_heads, d)

    def indexer_scores(self, x: Tensor, c_q: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """I[s, t] of one document in f32, without the causal mask (model reference §7). Inputs are detached."""
        cfg = self.cfg
        x, c_q = x.detach().float(), c_q.detach().float()
        q = F.linear(c_q, self.indexer_q_b).unflatten(-1, (cfg.index_n_heads, cfg.index_head_dim))
        k = F.linear(x, self.indexer_k)
        k = F.layer_norm(k, (cfg.index_head_dim,), self.indexer_k_norm, self.indexer_k_norm_bias, 1e-6)
        q, k = rope_half_split(q, cos, sin), rope_half_split(k[:, None], cos, sin)[:, 0]
        w = F.linear(x, self.indexer_weights) * (cfg.index_n_heads**-0.5 * cfg.index_head_dim**-0.5)
        s = torch.relu(q.transpose(0, 1) @ k.t())  # [heads, S, T]
        return torch.einsum("hst,sh->st", s, w)

    def moe(self, x32: Tensor, x: Tensor, valid: Tensor, loads: Tensor | None) -> Tensor:
        """Shared expert plus the top-k routed ones; x32 and x are the same normed rows [n, d] in f32 and bf16."""
        cfg, dtype = self.cfg, x.dtype
        n, k, e = x.shape[0], cfg.num_experts_per_tok, cfg.n_routed_experts
        score = torch.sigmoid(F.linear(x32, self.router))
        with torch.no_grad():
            chosen = torch.topk(score + self.router_bias, k, sorted=False).indices  # [n, k]
            flat = chosen.flatten()
            order = torch.argsort(flat)
            counts = torch.bincount(flat, minlength=e)
            capacity = -(-int(counts.max()) // 64) * 64
            first = counts.cumsum(0) - counts
            ordered = flat[order]
            slots = ordered * capacity + torch.arange(n * k, device=x.device) - first[ordered]
            slot = torch.empty_like(flat)
            slot[order] = slots
            source = torch.zeros(e * capacity, dtype=torch.int64, device=x.device)
            source[slots] = order // k
            slot = slot.view(n, k)
            if loads is not None:
                loads[self.index] += torch.bincount(chosen[valid].flatten(), minlength=e).to(loads.dtype)
        weight = score.gather(1, chosen)
        weight = weight / (weight.sum(-1, keepdim=True) + 1e-20) * cfg.routed_scaling_factor
        xe = Dispatch.apply(x, source, slot).view(e, capacity, -1)
        gu = torch.bmm(xe, self.experts_gate_up.to(dtype).flatten(1, 2).transpose(1, 2))
        out = torch.bmm(SwiGlu.apply(gu), self.experts_down.to(dtype).transpose(1, 2)).flatten(0, 1)
        routed = Combine.apply(out, weight, slot)
        shared = F.linear(SwiGlu.apply(F.linear(x, self.shared_gate_up.to(dtype).flatten(0, 1))), self.shared_down.to(dtype))
        return routed + shared

    def forward(self, x: Tensor, run: "Run") -> Tensor:
        """x: f32 residual [N, d]. In the last layer only `run.rows` come back."""
        cfg, dtype, batch = self.cfg, run.dtype, run.batch
        h, nope, rope = cfg.num_attention_heads, cfg.qk_nope_head_dim, cfg.qk_rope_head_dim
        a = RmsNorm.apply(x, self.attn_norm, cfg.rms_norm_eps, dtype)
        down = F.linear(a, torch.cat((self.q_a, self.kv_a)).to(dtype))
        c_q, c_kv, k_rope = down.split((cfg.q_lora_rank, cfg.kv_lora_rank, rope), -1)
        c_q = RmsNorm.apply(c_q, self.q_a_norm, cfg.rms_norm_eps, dtype)
        c_kv = RmsNorm.apply(c_kv, self.kv_a_norm, cfg.rms_norm_eps, dtype)
        q = F.linear(c_q, self.q_b.to(dtype)).unflatten(-1, (h, nope + rope))
        kv = F.linear(c_kv, self.kv_b.to(dtype)).unflatten(-1, (h, nope + cfg.v_head_dim))
        q = Rotate.apply(q, run.cos, run.sin, nope)
        k_nope, v = kv.split((nope, cfg.v_head_dim), -1)
        k = torch.cat((k_nope, Rotate.apply(k_rope[:, None], run.cos, run.sin, 0).expand(-1, h, -1)), -1)
        o = attend(self, q, k, v, a, c_q, run).flatten(1)
        valid = batch.valid
        if self.index == cfg.num_hidden_layers - 1 and run.rows is not None:
            x, o, valid = x.index_select(0, run.rows), o.index_select(0, run.rows), run.real_rows
        x = x + F.linear(o, self.o.to(dtype))
        f32 = RmsNorm.apply(x, self.ffn_norm, cfg.rms_norm_eps, torch.float32)
        f = f32.to(dtype)
        if self.is_moe:
            return x + self.moe(f32, f, valid, run.loads)
        return x + F.linear(SwiGlu.apply(F.linear(f, self.gate_up.to(dtype).flatten(0, 1))), self.down.to(dtype))


def attend(layer: Layer, q: Tensor, k: Tensor, v: Tensor, a: Tensor, c_q: Tensor, run: "Run") -> Tensor:
    """Causal attention inside every document; q, k [N, h, 64], v [N, h, v]. Sparse or with an indexer loss on request."""
    cfg, batch = layer.cfg, run.batch
    scale = (cfg.qk_nope_head_dim + cfg.qk_rope_head_dim) ** -0.5
    explicit = [run.sparse and n > cfg.index_topk or run.kl and n > run.kl_min_len for n in batch.real_lengths]
    if not any(explicit):
        if run.pad_index is not None:
            return padded_attention(q, k, v, scale, run)
        return CausalAttention.apply(q, k, v, batch.lengths, scale, run.strip)
    parts = []
    start = 0
    for i, (qd, kd, vd) in enumerate(zip(q.split(batch.lengths), k.split(batch.lengths), v.split(batch.lengths))):
        if explicit[i]:
            doc = slice(start, start + len(qd))
            scores = layer.indexer_scores(a[doc], c_q[doc], run.cos[doc], run.sin[doc])
            qd, kd, vd = qd.transpose(0, 1), kd.transpose(0, 1), vd.transpose(0, 1)
            o = explicit_attention(layer, qd, kd, vd, scores, scale, batch.real_lengths[i], run)
            parts.append(o.transpose(0, 1))
        else:
            parts.append(CausalAttention.apply(qd, kd, vd, [len(qd)], scale, run.strip))
        start += batch.lengths[i]
    return torch.cat(parts)


def padded_attention(q: Tensor, k: Tensor, v: Tensor, scale: float, run: "Run") -> Tensor:
    """The same, for a GPU: all documents right-padded to one length (a causal mask never looks right)."""
    def pad(x):
        return x.index_select(0, run.pad_index.flatten()).unflatten(0, run.pad_index.shape).transpose(1, 2)

    o = F.scaled_dot_product_attention(pad(q), pad(k), pad(v), is_causal=True, scale=scale)
    return o.transpose(1, 2).flatten(0, 1).index_select(0, run.unpad_index)


def explicit_attention(
    layer: Layer, q: Tensor, k: Tensor, v: Tensor, scores: Tensor, scale: float, real: int, run: "Run"
) -> Tensor:
    """One document with materialised scores: top-k selection and the indexer's KL (training reference §2).

    The document has `real` tokens, the rest of its rows are padding and enter no statistic.
    """
    n, topk = q.shape[1], layer.cfg.index_topk
    causal = torch.ones(n, n, dtype=torch.bool, device=q.device).tril()
    scores = scores.masked_fill(~causal, -torch.inf)
    mask = causal
    if n > topk:
        with torch.no_grad():
            selected = torch.zeros_like(causal).scatter_(1, scores.topk(topk, -1, sorted=False).indices, True) & causal
        if run.sparse:
            mask = selected
    logits = (q @ k.transpose(1, 2)).float() * scale
    p = logits.masked_fill(~mask, -torch.inf).softmax(-1)
    if run.kl:
        target = p.detach().mean(0)[:real]
        log_index = scores[:real].masked_fill(~mask[:real], -torch.inf).log_softmax(-1).masked_fill(~mask[:real], 0)
        divergence = (torch.special.xlogy(target, target) - target * log_index).sum()
        run.kl_loss[layer.index] = run.kl_loss[layer.index] + divergence
        if layer.index == run.first_layer:
            run.kl_queries += real
        if real > topk:
            run.recall[layer.index] += (target * selected[:real])[topk:].sum().item()
            if layer.index == run.first_layer:
                run.recall_queries += real - topk
    return p.to(v.dtype) @ v


class Run:
    """What one forward pass carries along: the batch, precision, mode switches and the collected statistics."""

    def __init__(self, model: "Model", batch: Batch, *, sparse=False, kl=False, kl_min_len=0, loads: Tensor | None = None,
                 dtype=torch.bfloat16, last_rows=True, pad=False, first_layer=0):
        self.first_layer = first_layer  # of those that run: queries are counted there
        self.batch, self.dtype, self.sparse, self.kl, self.kl_min_len, self.loads = batch, dtype, sparse, kl, kl_min_len, loads
        self.rows = batch.rows if last_rows else None
        self.real_rows = torch.arange(len(batch.targets), device=batch.tokens.device)
        self.strip = model.strip(dtype)
        self.cos, self.sin = model.cos[batch.positions], model.sin[batch.positions]
        layers = model.cfg.num_hidden_layers
        self.kl_loss: list = [0.0] * layers
        self.recall = [0.0] * layers
        self.kl_queries = self.recall_queries = 0
        self.pad_index = self.unpad_index = None
        if pad:
            width, starts, device = max(batch.lengths), [0], batch.tokens.device
            for n in batch.lengths[:-1]:
                starts.append(starts[-1] + n)
            offset = torch.arange(width)
            lengths = torch.tensor(batch.lengths)[:, None]
            self.pad_index = (torch.tensor(starts)[:, None] + torch.minimum(offset, lengths - 1)).to(device)
            keep = torch.arange(len(starts) * width).view(-1, width)[offset < lengths]
            self.unpad_index = keep.to(device)


class Model(nn.Module):
    def __init__(self, cfg: Config):
        super().__init__()
        self.cfg = cfg
        self.embed = nn.Parameter(torch.randn(cfg.vocab_size, cfg.hidden_size) * 0.3)
        self.layers = nn.ModuleList(Layer(cfg, i) for i in range(cfg.num_hidden_layers))
        self.norm = nn.Parameter(torch.ones(cfg.hidden_size))
        self.head = nn.Parameter(torch.randn(cfg.vocab_size, cfg.hidden_size) * (0.5 / math.sqrt(cfg.hidden_size)))
        self.strips: dict = {}
        cos, sin = rope_tables(cfg)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def strip(self, dtype) -> Tensor:
        """The causal mask strip in `dtype`, made once."""
        if dtype not in self.strips:
            self.strips[dtype] = causal_strip(self.cfg.max_position_embeddings, dtype, self.embed.device)
        return self.strips[dtype]

    def hidden(self, run: Run) -> Tensor:
        x = F.embedding(run.batch.tokens, self.embed)
        for layer in self.layers:
            x = layer(x, run)
        return RmsNorm.apply(x, self.norm, self.cfg.rms_norm_eps, run.dtype)

    def logits(self, run: Run) -> Tensor:
        """Logits [rows, vocab] (spare rows included) in the run's dtype at the loss positions, or everywhere when the run keeps all rows."""
        return F.linear(self.hidden(run), self.head.to(run.dtype))

    def loss(self, run: Run) -> Tensor:
        """Mean cross-entropy over the batch's targets."""
        return CrossEntropy.apply(self.logits(run), run.batch.targets)

    def counts(self) -> dict:
        """Parameters: total, active per token (head and top-k experts, no embedding, no indexer), indexer."""
        cfg = self.cfg
        total = sum(p.numel() for p in self.parameters())
        indexer = sum(p.numel() for n, p in self.named_parameters() if "indexer" in n)
        routed = sum(p.numel() for n, p in self.named_parameters() if "experts_" in n)
        active = total - indexer - routed + routed * cfg.num_experts_per_tok // cfg.n_routed_experts - self.embed.numel()
        return {"total": total, "active": active, "indexer": indexer}
