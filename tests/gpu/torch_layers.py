"""The layers of LayerShape in PyTorch at bf16, timed for comparison: experts one after another, added back by index_add.
Both layers turn their queries and keys, which costs a little more than what the timed checkpoint's second layer does instead.

usage: torch_layers.py scout|tiny OUT.json [cpu]   writes {"tokens": milliseconds a layer}
"""
import json
import sys
import time

import torch
import torch.nn.functional as F

SHAPES = {
    "scout": dict(hidden=5120, heads=40, kv=8, size=128, width=8192, experts=16, tokens=[64, 1024, 8192, 65536], text=128),
    "tiny": dict(hidden=64, heads=4, kv=2, size=16, width=96, experts=4, tokens=[4, 40], text=8),
}
LAYERS = 2


class Layer:
    def __init__(self, s, device):
        def weight(*shape):
            return torch.randn(*shape, device=device, dtype=torch.bfloat16) * 0.02

        self.s = s
        self.qkv = weight((s["heads"] + 2 * s["kv"]) * s["size"], s["hidden"])
        self.out = weight(s["hidden"], s["heads"] * s["size"])
        self.router = weight(s["experts"], s["hidden"])
        self.shared_gate_up, self.shared_down = weight(2 * s["width"], s["hidden"]), weight(s["hidden"], s["width"])
        self.gate_up, self.down = weight(s["experts"], s["hidden"], 2 * s["width"]), weight(s["experts"], s["width"], s["hidden"])

    def norm(self, x):
        return F.rms_norm(x.float(), (x.shape[-1],)).to(torch.bfloat16)

    def forward(self, x, texts, length, cos, sin):
        s = self.s
        n = self.norm(x)
        qkv = F.linear(n, self.qkv).view(texts, length, -1, s["size"]).transpose(1, 2)
        q, k, v = qkv.split([s["heads"], s["kv"], s["kv"]], dim=1)
        q, k = self.turn(q, cos, sin), self.turn(k, cos, sin)
        y = F.scaled_dot_product_attention(q, k.repeat_interleave(s["heads"] // s["kv"], 1), v.repeat_interleave(s["heads"] // s["kv"], 1), is_causal=True)
        x = x + F.linear(y.transpose(1, 2).reshape(texts * length, -1), self.out)
        n = self.norm(x)
        score, chosen = F.linear(n, self.router).float().max(dim=-1)
        scored = n * torch.sigmoid(score)[:, None].to(n.dtype)
        gate, up = F.linear(n, self.shared_gate_up).chunk(2, dim=-1)
        branch = F.linear(F.silu(gate) * up, self.shared_down)
        for expert in range(s["experts"]):
            rows = (chosen == expert).nonzero()[:, 0]
            if rows.numel() == 0:
                continue
            gate, up = (scored[rows] @ self.gate_up[expert]).chunk(2, dim=-1)
            branch.index_add_(0, rows, (F.silu(gate) * up) @ self.down[expert])
        return x + branch

    @staticmethod
    def turn(x, cos, sin):
        real, imaginary = x[..., 0::2], x[..., 1::2]
        turned = torch.stack((real * cos - imaginary * sin, real * sin + imaginary * cos), dim=-1).flatten(-2)
        return F.rms_norm(turned.float(), (turned.shape[-1],)).to(torch.bfloat16)


def main():
    s, device = SHAPES[sys.argv[1]], sys.argv[3] if len(sys.argv) > 3 else "cuda"
    torch.manual_seed(4)
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    layers = [Layer(s, device) for _ in range(LAYERS)]
    found = {}
    for tokens in s["tokens"]:
        length = min(tokens, s["text"])
        texts = tokens // length
        angle = torch.arange(length, device=device)[:, None] * 500000.0 ** (-torch.arange(0, s["size"], 2, device=device) / s["size"])
        cos, sin = angle.cos().to(torch.bfloat16), angle.sin().to(torch.bfloat16)
        start = torch.randn(texts * length, s["hidden"], device=device, dtype=torch.bfloat16)

        def once():
            x = start
            for layer in layers:
                x = layer.forward(x, texts, length, cos, sin)

        with torch.no_grad():
            for _ in range(3):
                once()
            wait()
            begin, times = time.perf_counter(), 0
            while times < 3 or time.perf_counter() - begin < 1:
                once()
                wait()
                times += 1
        found[str(tokens)] = (time.perf_counter() - begin) / times / LAYERS * 1e3
    with open(sys.argv[2], "w") as out:
        json.dump(found, out)


if __name__ == "__main__":
    main()
