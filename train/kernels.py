"""Elementwise pieces with hand-written gradients: RMS norm, SwiGLU, rotation.

Plain torch functions; `compile_kernels()` replaces them by fused versions from torch.compile (a C++ compiler is
needed; worth it for long runs only). Tensors are detached before they go in, so
that training and evaluation share one compiled variant.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def rms_forward(x: Tensor, w: Tensor, eps: float, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    x = x.float()
    inv = torch.linalg.vector_norm(x, dim=-1, keepdim=True).square().div(x.shape[-1]).add(eps).rsqrt()
    return (x * inv).mul_(w).to(dtype), inv


def rms_backward(x: Tensor, w: Tensor, inv: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    xhat = x.float() * inv
    g = g.float()
    g_hat = g * xhat
    d_w = g_hat.sum(0)
    dot = (g_hat @ w).div(x.shape[-1]).unsqueeze(-1)
    return (g * w).sub_(xhat.mul_(dot)).mul_(inv).to(x.dtype), d_w


def swiglu_forward(gate_up: Tensor) -> Tensor:
    gate, up = gate_up.chunk(2, -1)
    return F.silu(gate) * up


def swiglu_backward(gate_up: Tensor, g: Tensor) -> Tensor:
    gate, up = gate_up.chunk(2, -1)
    return torch.cat((torch.ops.aten.silu_backward(g * up, gate), F.silu(gate) * g), -1)


def turn_tail(x: Tensor, cos: Tensor, sin: Tensor, nope: int) -> Tensor:
    """Rotates the pairs (x0,x1), (x2,x3), ... of the dims from `nope` on. x [N, heads, d]; cos, sin [N, (d - nope) / 2]."""
    tail = x[..., nope:].float()
    a, b = tail[..., ::2], tail[..., 1::2]
    c, s = cos[:, None], sin[:, None]
    turned = torch.stack((a * c - b * s, a * s + b * c), -1).flatten(-2).to(x.dtype)
    return torch.cat((x[..., :nope], turned), -1)


KERNELS = {f.__name__: f for f in (rms_forward, rms_backward, swiglu_forward, swiglu_backward, turn_tail)}


def compile_kernels() -> None:
    torch._dynamo.config.cache_size_limit = 64
    for name, f in list(KERNELS.items()):
        KERNELS[name] = torch.compile(f, dynamic=True)


class RmsNorm(torch.autograd.Function):
    """y = w * x / rms(x), computed in f32, returned in `dtype`."""

    @staticmethod
    def forward(ctx, x, w, eps, dtype):
        y, inv = KERNELS["rms_forward"](x.detach(), w.detach(), eps, dtype)
        ctx.save_for_backward(x, w, inv)
        return y

    @staticmethod
    def backward(ctx, g):
        x, w, inv = (t.detach() for t in ctx.saved_tensors)
        return *KERNELS["rms_backward"](x, w, inv, g), None, None


class SwiGlu(torch.autograd.Function):
    """silu(gate) * up for an input whose last axis is [gate | up]."""

    @staticmethod
    def forward(ctx, gate_up):
        ctx.save_for_backward(gate_up)
        return KERNELS["swiglu_forward"](gate_up.detach())

    @staticmethod
    def backward(ctx, g):
        return KERNELS["swiglu_backward"](ctx.saved_tensors[0].detach(), g)


class Rotate(torch.autograd.Function):
    """MLA's interleaved rotary embedding on the dims from `nope` on; its gradient turns the other way."""

    @staticmethod
    def forward(ctx, x, cos, sin, nope):
        ctx.save_for_backward(cos, sin)
        ctx.nope = nope
        return KERNELS["turn_tail"](x.detach(), cos, sin, nope)

    @staticmethod
    def backward(ctx, g):
        cos, sin = ctx.saved_tensors
        return KERNELS["turn_tail"](g, cos, -sin, ctx.nope), None, None, None
