"""Checkpoint -> Hugging Face folder: config.json and model.safetensors with DeepSeek-V3.2's tensor names.

Names and shapes follow the model reference §11: kv_b_proj combined, experts one by one, gate and up apart.
The selection bias and the router stay f32 whatever --dtype says. With --mtp the multi-token-prediction block joins
as one layer more; it shares embedding and head with the trunk, so no copies of them are written.

    python export.py checkpoint.pt out-folder [--mtp mtp-checkpoint.pt] [--dtype f32|bf16]
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
MTP = {"enorm": "enorm.weight", "hnorm": "hnorm.weight", "eh_proj": "eh_proj.weight", "head_norm": "shared_head.norm.weight"}
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
        elif part in MTP:
            out[prefix + MTP[part]] = x
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


def block_tensors(mtp: dict, index: int) -> dict[str, torch.Tensor]:
    """The block's parameters and bias named as layer `index` of the model."""
    named = {**mtp["state"]["params"], **mtp["state"]["biases"]}
    return {f"layers.{index}.{name.removeprefix('layer.')}": x for name, x in named.items()}


def export(checkpoint: dict, folder: str, dtype: torch.dtype, mtp: dict | None = None) -> None:
    named = {**checkpoint["state"]["params"], **checkpoint["state"]["biases"]}
    if mtp:
        named |= block_tensors(mtp, checkpoint["config"]["num_hidden_layers"])
    keep = ("e_score_correction_bias", "mlp.gate.weight")
    tensors = {
        n: x.to(torch.float32 if n.endswith(keep) else dtype).contiguous().clone() for n, x in hugging_face_tensors(named).items()
    }
    os.makedirs(folder, exist_ok=True)
    save_file(tensors, os.path.join(folder, "model.safetensors"), metadata={"format": "pt"})
    config = {**checkpoint["config"], "num_nextn_predict_layers": 1 if mtp else 0, "torch_dtype": "float32" if dtype == torch.float32 else "bfloat16"}
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(config, f, indent=2)
        f.write("\n")


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("checkpoint")
    p.add_argument("folder")
    p.add_argument("--mtp", help="checkpoint of the block, trained behind this very checkpoint")
    p.add_argument("--dtype", choices=("f32", "bf16"), default="f32")
    args = p.parse_args()
    checkpoint = torch.load(args.checkpoint, weights_only=True, map_location="cpu")
    mtp = torch.load(args.mtp, weights_only=True, map_location="cpu") if args.mtp else None
    export(checkpoint, args.folder, torch.float32 if args.dtype == "f32" else torch.bfloat16, mtp)
    progress = checkpoint["progress"]
    print(f"{args.folder}: stage {progress['stage']}, step {progress['steps']}, {progress['tokens']:,} tokens")


if __name__ == "__main__":
    main()
