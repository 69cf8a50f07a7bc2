"""Checkpoint -> Hugging Face folder: config.json and model.safetensors with DeepSeek-V3.2's tensor names.

Names and shapes follow the model reference §11: kv_b_proj combined, experts one by one, gate and up apart.
The selection bias and the router stay f32 whatever --dtype says.

    python export.py checkpoint.pt out-folder [--dtype f32|bf16]
"""

import argparse
import json
import os

import torch
from safetensors.torch import save_file

PLAIN = {
    "attn_norm": "input_layernorm.weight",
    "ffn_norm": "post_attention_layernorm.weight",
    "q_a": "self_attn.q_a_proj.weight",
    "q_a_norm": "self_attn.q_a_layernorm.weight",
    "q_b": "self_attn.q_b_proj.weight",
    "kv_a": "self_attn.kv_a_proj_with_mqa.weight",
    "kv_a_norm": "self_attn.kv_a_layernorm.weight",
    "kv_b": "self_attn.kv_b_proj.weight",
    "o": "self_attn.o_proj.weight",
    "indexer_q_b": "self_attn.indexer.wq_b.weight",
    "indexer_k": "self_attn.indexer.wk.weight",
    "indexer_k_norm": "self_attn.indexer.k_norm.weight",
    "indexer_k_norm_bias": "self_attn.indexer.k_norm.bias",
    "indexer_weights": "self_attn.indexer.weights_proj.weight",
    "router": "mlp.gate.weight",
    "router_bias": "mlp.gate.e_score_correction_bias",
    "down": "mlp.down_proj.weight",
    "shared_down": "mlp.shared_experts.down_proj.weight",
}
TOP = {"embed": "model.embed_tokens.weight", "norm": "model.norm.weight", "head": "lm_head.weight"}


def hugging_face_tensors(named: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Our parameter and buffer names -> HF names, splitting what we store fused."""
    out = {}
    for name, x in named.items():
        if name in TOP:
            out[TOP[name]] = x
            continue
        _, layer, part = name.split(".")
        prefix = f"model.layers.{layer}."
        if part in PLAIN:
            out[prefix + PLAIN[part]] = x
        elif part in ("gate_up", "shared_gate_up"):
            folder = "mlp." if part == "gate_up" else "mlp.shared_experts."
            out[prefix + folder + "gate_proj.weight"], out[prefix + folder + "up_proj.weight"] = x[0], x[1]
        elif part == "experts_gate_up":
            for e in range(len(x)):
                out[f"{prefix}mlp.experts.{e}.gate_proj.weight"] = x[e, 0]
                out[f"{prefix}mlp.experts.{e}.up_proj.weight"] = x[e, 1]
        elif part == "experts_down":
            for e in range(len(x)):
                out[f"{prefix}mlp.experts.{e}.down_proj.weight"] = x[e]
        else:
            raise KeyError(f"no Hugging Face name is known for parameter {name}")
    return out


def export(checkpoint: dict, folder: str, dtype: torch.dtype) -> None:
    named = {**checkpoint["state"]["params"], **checkpoint["state"]["biases"]}
    keep = ("e_score_correction_bias", "mlp.gate.weight")
    tensors = {
        n: x.to(torch.float32 if n.endswith(keep) else dtype).contiguous().clone() for n, x in hugging_face_tensors(named).items()
    }
    os.makedirs(folder, exist_ok=True)
    save_file(tensors, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    config = {**checkpoint["config"], "torch_dtype": "float32" if dtype == torch.float32 else "bfloat16"}
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(config, f, indent=2)
        f.write("\n")


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("checkpoint")
    p.add_argument("folder")
    p.add_argument("--dtype", choices=("f32", "bf16"), default="f32")
    args = p.parse_args()
    checkpoint = torch.load(args.checkpoint, weights_only=True, map_location="cpu")
    export(checkpoint, args.folder, torch.float32 if args.dtype == "f32" else torch.bfloat16)
    progress = checkpoint["progress"]
    print(f"{args.folder}: stage {progress['stage']}, step {progress['steps']}, {progress['tokens']:,} tokens")


if __name__ == "__main__":
    main()
