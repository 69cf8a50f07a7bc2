"""Logits of an exported Hugging Face folder: an oracle for other implementations.

Written straight from the model reference (§3-9) on purpose, sharing nothing with model.py: absorbed
multi-query attention, complex-number rotations, a loop over experts, float64 by default.

    python reference_logits.py folder ids.json out [--mtp] [--sparse] [--topk K] [--last] [--dtype f32|f64]

ids.json is a list of token ids. `out` ends in .npy ([tokens, vocab] f32) or .json ({"logits": [[...]], "argmax": [...]}).
"""

import argparse
import json
import os

import numpy as np
import torch
from safetensors.torch import load_file


class Reference:
    def __init__(self, folder: str, dtype=torch.float64):
        with open(os.path.join(folder, "config.json")) as f:
            self.c = json.load(f)
        self.w = {n: x.to(dtype) for n, x in load_file(os.path.join(folder, "model.safetensors")).items()}

    def norm(self, x, name):
        return self.w[name] * x / torch.sqrt((x * x).mean(-1, keepdim=True) + self.c["rms_norm_eps"])

    def turns(self, n):
        """Unit complex numbers [n, rope / 2]."""
        rope = self.c["qk_rope_head_dim"]
        theta = self.c["rope_theta"] ** (-torch.arange(0, rope, 2, dtype=torch.float64) / rope)
        angle = torch.outer(torch.arange(n, dtype=torch.float64), theta)
        return torch.polar(torch.ones_like(angle), angle)

    def swiglu(self, x, prefix):
        gate = x @ self.w[prefix + "gate_proj.weight"].T
        return (gate * torch.sigmoid(gate) * (x @ self.w[prefix + "up_proj.weight"].T)) @ self.w[prefix + "down_proj.weight"].T

    def selection(self, p, x, c_q, topk):
        """Boolean [n, n]: the keys each query may look at (§7, §8.1)."""
        c, n = self.c, len(x)
        visible = torch.ones(n, n, dtype=torch.bool).tril()
        if topk is None or topk >= n:
            return visible
        heads, dim, rope = c["index_n_heads"], c["index_head_dim"], c["qk_rope_head_dim"]
        p = p + "indexer."
        q = (c_q @ self.w[p + "wq_b.weight"].T).view(n, heads, dim)
        k = x @ self.w[p + "wk.weight"].T
        k = (k - k.mean(-1, keepdim=True)) / torch.sqrt(k.var(-1, correction=0, keepdim=True) + 1e-6)
        k = k * self.w[p + "k_norm.weight"] + self.w[p + "k_norm.bias"]
        turns = self.turns(n)
        for vectors in (q, k[:, None]):  # half split: dims i and i + rope / 2 form a pair
            z = torch.complex(vectors[..., : rope // 2].double(), vectors[..., rope // 2 : rope].double()) * turns[:, None]
            vectors[..., : rope // 2], vectors[..., rope // 2 : rope] = z.real, z.imag
        weight = x @ self.w[p + "weights_proj.weight"].T * heads**-0.5 * dim**-0.5
        score = torch.zeros(n, n, dtype=x.dtype)
        for j in range(heads):
            score += weight[:, j : j + 1] * (q[:, j] @ k.T).clamp_min(0)
        allowed = torch.zeros_like(visible)
        for s in range(n):
            best = score[s, : s + 1].topk(min(topk, s + 1)).indices
            allowed[s, best] = True
        return allowed

    def attention(self, p, x, topk):
        c, n = self.c, len(x)
        heads, nope, rope, v, rank = (
            c[k] for k in ("num_attention_heads", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim", "kv_lora_rank")
        )
        c_q = self.norm(x @ self.w[p + "q_a_proj.weight"].T, p + "q_a_layernorm.weight")
        q = (c_q @ self.w[p + "q_b_proj.weight"].T).view(n, heads, nope + rope)
        kv = x @ self.w[p + "kv_a_proj_with_mqa.weight"].T
        latent = self.norm(kv[:, :rank], p + "kv_a_layernorm.weight")
        turns = self.turns(n)

        def turn(y):  # interleaved pairs
            z = torch.view_as_complex(y.double().reshape(*y.shape[:-1], rope // 2, 2).contiguous()) * turns[:, None]
            return torch.view_as_real(z).flatten(-2).to(x.dtype)

        q_rope, k_rope = turn(q[..., nope:]), turn(kv[:, None, rank:])[:, 0]
        up = self.w[p + "kv_b_proj.weight"].view(heads, nope + v, rank)
        allowed = self.selection(p, x, c_q, topk)
        out = []
        for h in range(heads):
            absorbed = q[:, h, :nope] @ up[h, :nope]
            score = (absorbed @ latent.T + q_rope[:, h] @ k_rope.T) * (nope + rope) ** -0.5
            prob = score.masked_fill(~allowed, -torch.inf).softmax(-1)
            out.append(prob @ latent @ up[h, nope:].T)
        return torch.cat(out, -1) @ self.w[p + "o_proj.weight"].T

    def experts(self, p, x):
        c = self.c
        score = torch.sigmoid(x @ self.w[p + "gate.weight"].T)
        chosen = (score + self.w[p + "gate.e_score_correction_bias"]).topk(c["num_experts_per_tok"]).indices
        out = self.swiglu(x, p + "shared_experts.")
        for t in range(len(x)):
            total = score[t, chosen[t]].sum() + 1e-20
            for e in chosen[t].tolist():
                out[t] += score[t, e] / total * c["routed_scaling_factor"] * self.swiglu(x[t], f"{p}experts.{e}.")
        return out

    def layer(self, layer: int, x, k):
        p = f"model.layers.{layer}."
        x = x + self.attention(p + "self_attn.", self.norm(x, p + "input_layernorm.weight"), k)
        f = self.norm(x, p + "post_attention_layernorm.weight")
        return x + (self.swiglu(f, p + "mlp.") if layer < self.c["first_k_dense_replace"] else self.experts(p + "mlp.", f))

    def hidden(self, ids: list[int], k: int | None) -> torch.Tensor:
        """[tokens, hidden] after the final norm; k keys per query, None = all."""
        x = self.w["model.embed_tokens.weight"][torch.tensor(ids)]
        for layer in range(self.c["num_hidden_layers"]):
            x = self.layer(layer, x, k)
        return self.norm(x, "model.norm.weight")

    def logits(self, ids: list[int], sparse=False, topk: int | None = None) -> torch.Tensor:
        """[tokens, vocab]. Dense unless `sparse`; `topk` replaces the configuration's index_topk."""
        k = (topk if topk is not None else self.c["index_topk"]) if sparse else None
        return self.hidden(ids, k) @ self.w["lm_head.weight"].T

    def draft_logits(self, ids: list[int], sparse=False, topk: int | None = None) -> torch.Tensor:
        """[tokens - 1, vocab] of the multi-token-prediction block (§10): row i sees ids[: i + 2], guesses ids[i + 2]."""
        k = (topk if topk is not None else self.c["index_topk"]) if sparse else None
        last = self.c["num_hidden_layers"]
        p = f"model.layers.{last}."
        e = self.w["model.embed_tokens.weight"][torch.tensor(ids[1:])]
        e[0] = 0  # as engines have it
        h = self.hidden(ids, k)[:-1]
        pair = torch.cat((self.norm(e, p + "enorm.weight"), self.norm(h, p + "hnorm.weight")), -1)
        x = self.layer(last, pair @ self.w[p + "eh_proj.weight"].T, k)
        return self.norm(x, p + "shared_head.norm.weight") @ self.w["lm_head.weight"].T


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder")
    p.add_argument("ids")
    p.add_argument("out")
    p.add_argument("--mtp", action="store_true", help="of the multi-token-prediction block instead of the head: one row less")
    p.add_argument("--sparse", action="store_true")
    p.add_argument("--topk", type=int, help="instead of the configuration's index_topk")
    p.add_argument("--last", action="store_true", help="only the last position")
    p.add_argument("--dtype", choices=("f32", "f64"), default="f64")
    args = p.parse_args()
    with open(args.ids) as f:
        ids = json.load(f)
    with torch.no_grad():
        model = Reference(args.folder, torch.float64 if args.dtype == "f64" else torch.float32)
        run = model.draft_logits if args.mtp else model.logits
        logits = run(ids, args.sparse, args.topk).float().numpy()
    if args.last:
        logits = logits[-1:]
    if args.out.endswith(".npy"):
        np.save(args.out, logits)
    else:
        with open(args.out, "w") as f:
            json.dump({"logits": [[float(f"{v:.9g}") for v in row] for row in logits], "argmax": logits.argmax(-1).tolist()}, f)


if __name__ == "__main__":
    main()
