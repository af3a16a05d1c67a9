"""Trains a small Xception with and without its residual connections, and writes curves.json beside this file.

Chollet 2017, section 4.6: without the shortcuts his network learned more slowly and ended lower. This repeats the comparison at a
size that one core does in minutes: the same three flows, 32 channels in the middle, pictures of 24 by 24 pixels with one of eight
shapes in them, drawn as they are needed. Everything but the shortcuts is the same in both runs: pictures, seeds, optimiser.

    python train.py            # PyTorch 2, NumPy; one thread
"""

import json
import pathlib
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

SIZE, CLASSES, BATCH, STEPS, EVERY = 24, 8, 32, 500, 20
SEEDS = (1, 2)
RATE, MOMENTUM, DECAY = 0.05, 0.9, 1e-4
MIDDLE_BLOCKS, WIDTH = 8, 32
SHAPES = ["disc", "ring", "square", "frame", "triangle", "cross", "bar", "crescent"]


def pictures(rng, count):
    """[count, 3, SIZE, SIZE] float32 pictures of one shape each, and its number: turned, scaled, over stripes and noise."""
    labels = rng.integers(0, CLASSES, count)
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    column = lambda low, high: rng.uniform(low, high, (count, 1, 1)).astype(np.float32)  # noqa: E731
    radius, angle = column(5, 9), column(0, 2 * np.pi)
    dx, dy = x - column(9, 15), y - column(9, 15)
    u = (np.cos(angle) * dx + np.sin(angle) * dy) / radius
    v = (np.cos(angle) * dy - np.sin(angle) * dx) / radius
    r, box = np.hypot(u, v), np.maximum(abs(u), abs(v))
    masks = [
        r < 0.9,
        (r < 0.95) & (r > 0.6),
        box < 0.8,
        (box < 0.85) & (box > 0.55),
        (v > -0.6) & (v < 0.9 - 1.8 * abs(u)),
        (np.minimum(abs(u), abs(v)) < 0.22) & (box < 0.95),
        (abs(v) < 0.25) & (abs(u) < 0.95),
        (r < 0.9) & (np.hypot(u - 0.45, v) > 0.7),
    ]
    mask = np.choose(labels[:, None, None], masks)[:, None]
    colour = lambda: rng.uniform(-1, 1, (count, 3, 1, 1)).astype(np.float32)  # noqa: E731
    stripes = np.sin(x * column(-1, 1) + y * column(-1, 1) + column(0, 6))[:, None]
    ground = 0.5 * colour() + 0.3 * colour() * stripes
    shown = ground + mask * np.sign(colour()) * 1.2
    noise = rng.normal(0, 0.15, shown.shape).astype(np.float32)
    return torch.from_numpy(shown + noise), torch.from_numpy(labels)


def separable(inputs, outputs):
    """Depthwise 3×3, pointwise 1×1, batch norm: Xception's layer."""
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Block(nn.Module):
    """ReLU and separable convolutions; perhaps a pool; perhaps a shortcut around all of it."""

    def __init__(self, inputs, outputs, count, pooled, residual):
        super().__init__()
        widths = [inputs] + [outputs] * count
        self.layers = nn.Sequential(
            *(layer for i, o in zip(widths, widths[1:]) for layer in (nn.ReLU(), separable(i, o))),
            *([nn.MaxPool2d(3, 2, 1)] if pooled else []),
        )
        self.residual = residual
        self.shortcut = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, 2, bias=False), nn.BatchNorm2d(outputs))
            if pooled and residual
            else nn.Identity()
        )

    def forward(self, value):
        result = self.layers(value)
        return result + self.shortcut(value) if self.residual else result


def network(residual):
    half = WIDTH // 2
    return nn.Sequential(
        nn.Conv2d(3, half, 3, padding=1, bias=False),
        nn.BatchNorm2d(half),
        Block(half, half, 2, True, residual),  # entry flow
        Block(half, WIDTH, 2, True, residual),
        *(Block(WIDTH, WIDTH, 3, False, residual) for _ in range(MIDDLE_BLOCKS)),  # middle flow
        Block(WIDTH, 2 * WIDTH, 2, True, residual),  # exit flow
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(2 * WIDTH, CLASSES),
    )


def run(residual, seed, test):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = network(residual)
    optimiser = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    points, losses = [], []
    for step in range(1, STEPS + 1):
        shown, labels = pictures(rng, BATCH)
        loss = F.cross_entropy(net(shown), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        if step % EVERY == 0:
            net.eval()
            with torch.no_grad():
                accuracy = (net(test[0]).argmax(1) == test[1]).float().mean().item()
            net.train()
            points.append({"step": step, "loss": round(float(np.mean(losses)), 4), "accuracy": round(accuracy, 4)})
            losses = []
    print(f"residual {residual}, seed {seed}: {points[-1]}", flush=True)
    return {"seed": seed, "points": points}


def main():
    torch.set_num_threads(1)
    test = pictures(np.random.default_rng(1000), 512)
    begun = time.time()
    result = {
        "torch": torch.__version__,
        "shapes": SHAPES,
        "settings": {
            "size": SIZE,
            "batch": BATCH,
            "steps": STEPS,
            "optimiser": "SGD",
            "rate": RATE,
            "momentum": MOMENTUM,
            "decay": DECAY,
            "middleBlocks": MIDDLE_BLOCKS,
            "width": WIDTH,
            "testPictures": len(test[1]),
        },
        "separableConvolutions": sum(
            isinstance(each, nn.Conv2d) and each.groups > 1 for each in network(True).modules()
        ),
        "parameters": {
            name: sum(each.numel() for each in network(residual).parameters())
            for name, residual in (("with", True), ("without", False))
        },
        "with": [],
        "without": [],
    }
    for seed in SEEDS:
        for name, residual in (("with", True), ("without", False)):
            result[name].append(run(residual, seed, test))
            result["minutes"] = round((time.time() - begun) / 60, 1)
            pathlib.Path(__file__).with_name("curves.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
