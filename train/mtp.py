"""The multi-token-prediction block: one decoder layer behind the trunk that guesses the token after the next.

Row i takes the trunk's hidden state h_i (after the final norm) and the token that followed, t_{i+1}:
u = eh_proj([enorm(Emb(t_{i+1})); hnorm(h_i)]), one decoder layer over u with positions i, a norm, the trunk's
head: a guess at t_{i+2} (model reference §10; the embedding is zero at position 0, as engines have it).

The trunk stays as it is. The block learns the trunk's own distribution at i+1 (what a verifier will compare a
draft with), not the data: departure from the V3 report, which trains on the data together with the trunk.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kernels import RmsNorm
from model import Batch, Config, Layer, Model, Run


class Mtp(nn.Module):
    """Parameters of the block. Starts from the trunk's last layer, whose outputs the head can read already."""

    def __init__(self, trunk: Model):
        super().__init__()
        values = trunk.cfg.values
        # One layer more: the block is then the last one, which keeps only the rows that are asked for.
        self.cfg = Config({**values, "num_hidden_layers": values["num_hidden_layers"] + 1})
        self.trunk = [trunk]  # in a list: its parameters are none of ours
        d, index = self.cfg.hidden_size, values["num_hidden_layers"]
        self.enorm = nn.Parameter(torch.ones(d))
        self.hnorm = nn.Parameter(torch.ones(d))
        self.eh_proj = nn.Parameter(torch.cat((torch.randn(d, d) * d**-0.5, torch.eye(d)), 1))
        self.layer = Layer(self.cfg, index)
        self.head_norm = nn.Parameter(trunk.norm.data.clone())
        last = trunk.layers[-1]
        if last.is_moe:
            self.layer.load_state_dict(last.state_dict())

    @property
    def cos(self) -> Tensor:
        return self.trunk[0].cos

    @property
    def sin(self) -> Tensor:
        return self.trunk[0].sin

    def strip(self, dtype) -> Tensor:
        return self.trunk[0].strip(dtype)

    def hidden(self, trunk_hidden: Tensor, run: Run) -> Tensor:
        """Normed outputs at `run.rows`, [rows, d]; trunk_hidden [N, d] of the whole batch."""
        eps, dtype, batch = self.cfg.rms_norm_eps, run.dtype, run.batch
        following = torch.roll(batch.tokens, -1)  # past a document's end: seen by no row that is kept
        e = F.embedding(following, self.trunk[0].embed) * (batch.positions > 0)[:, None]
        pair = torch.cat((RmsNorm.apply(e, self.enorm, eps, dtype), RmsNorm.apply(trunk_hidden, self.hnorm, eps, dtype)), 1)
        x = self.layer(F.linear(pair, self.eh_proj.to(dtype)).float(), run)
        return RmsNorm.apply(x, self.head_norm, eps, dtype)


def draft_batch(batch: Batch) -> tuple[Batch, Tensor]:
    """The batch with the block's rows (two before each target) and, per row, the trunk's row (one before)."""
    target = batch.rows[: len(batch.targets)] + 1
    kept = batch.positions[target] >= 2
    before = target[kept] - 1
    spare = -len(before) % 64
    rows = torch.cat((before - 1, before.new_zeros(spare)))
    return Batch(batch.tokens, batch.positions, batch.lengths, batch.real_lengths, batch.valid, rows, batch.targets[kept]), before


def both_logits(trunk: Model, mtp: Mtp, batch: Batch, *, sparse: bool, dtype=torch.bfloat16, kl_min_len: int | None = None,
                loads: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor, Run]:
    """Logits of trunk and block for the same token, f32 [rows, vocab]; whether a draft is asked for there; the run.

    With kl_min_len the indexer's loss is collected on longer documents.
    """
    drafts, before = draft_batch(batch)
    with torch.no_grad():
        hidden = trunk.hidden(Run(trunk, batch, sparse=sparse, dtype=dtype, last_rows=False))
        wanted = F.linear(hidden.index_select(0, before), trunk.head.to(dtype)).float()
    run = Run(mtp, drafts, sparse=sparse, kl=kl_min_len is not None, kl_min_len=kl_min_len or 0, loads=loads, dtype=dtype,
              first_layer=mtp.layer.index)
    guesses = F.linear(mtp.hidden(hidden, run), trunk.head.detach().to(dtype))[: len(before)].float()
    # The first token of a reply comes from the prompt alone; drafting starts with the second.
    targets = torch.zeros(len(batch.tokens), dtype=torch.bool)
    targets[batch.rows[: len(batch.targets)] + 1] = True
    return wanted, guesses, targets[before], run


def distillation(wanted: Tensor, guesses: Tensor) -> Tensor:
    """Mean cross-entropy of the block's distribution against the trunk's."""
    return -(wanted.softmax(-1) * guesses.log_softmax(-1)).sum(-1).mean()
