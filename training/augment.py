"""Crops and colours. Everything takes the generator that it draws from, so that a seed gives the same examples."""
import math

import cv2
import numpy as np

from data import IGNORE, Example

Pair = tuple[np.ndarray, np.ndarray]


def crop(example: Example, side: tuple[int, int], scales: tuple[float, float], rng: np.random.Generator) -> Pair:
    """A crop of height × width at a random scale and proportion, mirrored half of the time; padding is ignored."""
    height, width = example.labels.shape
    scale = math.exp(rng.uniform(math.log(scales[0]), math.log(scales[1])))
    ratio = math.exp(rng.uniform(-0.1, 0.1))
    h, w = max(8, int(height * scale * ratio)), max(8, int(width * scale / ratio))
    x = cv2.resize(example.picture, (w, h), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    y = cv2.resize(example.labels, (w, h), interpolation=cv2.INTER_NEAREST)
    x, y = pad(x, y, side, rng)
    h, w = y.shape
    for _ in range(4):  # a crop with some foreground, if a few draws find one
        top, left = rng.integers(0, h - side[0] + 1), rng.integers(0, w - side[1] + 1)
        part = y[top : top + side[0], left : left + side[1]]
        if ((part > 0) & (part < IGNORE)).mean() > 0.04:
            break
    x, y = x[top : top + side[0], left : left + side[1]], part
    if rng.random() < 0.5:
        x, y = x[:, ::-1], y[:, ::-1]
    return np.ascontiguousarray(x), np.ascontiguousarray(y)


def pad(x: np.ndarray, y: np.ndarray, side: tuple[int, int], rng: np.random.Generator) -> Pair:
    rows, columns = (max(0, want - have) for want, have in zip(side, y.shape))
    if not rows and not columns:
        return x, y
    top, left = rng.integers(0, rows + 1), rng.integers(0, columns + 1)
    edges = (top, rows - top, left, columns - left)
    mode = cv2.BORDER_CONSTANT if rng.random() < 0.7 else cv2.BORDER_REFLECT_101
    x = cv2.copyMakeBorder(x, *edges, mode, value=(127, 127, 127))
    return x, cv2.copyMakeBorder(y, *edges, cv2.BORDER_CONSTANT, value=IGNORE)


def people_in(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where people are, and the same with an edge as soft as a lens makes it, [H,W,1]."""
    there = (labels > 0) & (labels < IGNORE)
    return there, cv2.GaussianBlur(there.astype(np.float32), (3, 3), 0)[:, :, None]


def before(pair: Pair, background: np.ndarray, rng: np.random.Generator) -> Pair:
    """The people of one picture before the background of another, which shows nobody."""
    x, y = pair
    h, w = y.shape
    scale = max(h / background.shape[0], w / background.shape[1]) * rng.uniform(1, 1.8)
    size = (int(background.shape[1] * scale) + 1, int(background.shape[0] * scale) + 1)
    behind = cv2.resize(background, size)
    top, left = rng.integers(0, size[1] - h + 1), rng.integers(0, size[0] - w + 1)
    there, soft = people_in(y)
    behind = behind[top : top + h, left : left + w]
    return (x * soft + behind * (1 - soft)).astype(np.uint8), np.where(there, y, 0).astype(np.uint8)


def beside(pair: Pair, other: Pair) -> Pair:
    """The people of a second picture, too."""
    (x, y), (p, q) = pair, other
    there, soft = people_in(q)
    return (x * (1 - soft) + p * soft).astype(np.uint8), np.where(there, q, y).astype(np.uint8)


def hung_behind(pair: Pair, rng: np.random.Generator) -> Pair:
    """A cloth behind the people: flags and curtains are no clothes, and no training picture shows enough of them."""
    x, y = pair
    h, w = y.shape
    centre, reach = rng.uniform(0, 1, 2) * (w, h), rng.uniform(0.25, 0.7) * max(h, w)
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(4, 8)))
    corners = centre + reach * rng.uniform(0.6, 1, (len(angles), 1)) * np.stack([np.cos(angles), np.sin(angles)], 1)
    covered = cv2.fillPoly(np.zeros((h, w), np.uint8), [corners.astype(np.int32)], 1)
    there, soft = people_in(y)
    share = cv2.GaussianBlur(covered.astype(np.float32), (3, 3), 0)[:, :, None] * (1 - soft)
    return (x * (1 - share) + cloth(h, w, rng) * share).astype(np.uint8), np.where((covered > 0) & ~there, 0, y).astype(np.uint8)


def cloth(h: int, w: int, rng: np.random.Generator) -> np.ndarray:
    """Stripes, checks or dots of two or three colours, with folds and their shadows, [H,W,3] in 0…255."""
    rows, columns = np.mgrid[0:h, 0:w].astype(np.float32)
    angle = rng.uniform(0, np.pi)
    fold = np.sin((columns * np.cos(angle) + rows * np.sin(angle)) / rng.uniform(6, 40) + rng.uniform(0, 6))
    turn, bend = rng.uniform(0, np.pi), rng.uniform(0, 6)
    u = columns * np.cos(turn) + rows * np.sin(turn) + bend * fold
    v = rows * np.cos(turn) - columns * np.sin(turn) + bend * fold
    period = rng.uniform(8, 70)
    patterns = {
        'plain': lambda: np.zeros((h, w), int),
        'stripes': lambda: (u // period).astype(int),
        'checks': lambda: (u // period).astype(int) + (v // period).astype(int),
        'dots': lambda: np.hypot(u % period - period / 2, v % period - period / 2) < period * 0.3,
    }
    index = patterns[rng.choice(list(patterns))]().astype(int)
    colours = rng.uniform(20, 250, (rng.integers(2, 4), 3)).astype(np.float32)
    if rng.random() < 0.4:  # as flags have them
        colours = np.float32([[178, 34, 52], [245, 245, 245], [60, 59, 110]])[rng.permutation(3)]
    shade = 1 + rng.uniform(0.05, 0.35) * fold
    return (colours[index % len(colours)] * shade[:, :, None]).clip(0, 255)


def recolour(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Brightness, contrast, white balance, saturation (grey at times), blur, JPEG, noise. float32 in 0…255."""
    x = x.astype(np.float32) * rng.uniform(0.6, 1.4)
    mean = x.mean()
    x = (x - mean) * rng.uniform(0.6, 1.4) + mean
    x *= rng.uniform(0.86, 1.14, (1, 1, 3)).astype(np.float32)
    grey = x.mean(2, keepdims=True)
    x = (grey + (x - grey) * (0 if rng.random() < 0.12 else rng.uniform(0.4, 1.5))).clip(0, 255)
    if rng.random() < 0.25:
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.4, 1.6))
    if rng.random() < 0.25:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(30, 85))]
        x = cv2.imdecode(cv2.imencode('.jpg', x.astype(np.uint8), quality)[1], 1).astype(np.float32)
    if rng.random() < 0.3:
        x = x + rng.normal(0, rng.uniform(2, 9), x.shape).astype(np.float32)
    return x.clip(0, 255)
