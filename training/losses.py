"""What a step minimises. Logits [N,classes,h,w] are compared at the size of the labels [N,H,W]."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from data import IGNORE, PERSON


def log_probabilities(logits: Tensor, labels: Tensor) -> Tensor:
    full = F.interpolate(logits.float(), size=labels.shape[1:], mode='bilinear', align_corners=False)
    return F.log_softmax(full, 1)


def class_loss(log_p: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy weighted by class, over pixels whose class is known."""
    known = torch.where(labels == PERSON, IGNORE, labels)
    if not (known != IGNORE).any():
        return log_p.new_zeros(())
    return F.nll_loss(log_p, known, weight=weights, ignore_index=IGNORE)


def person_loss(log_p: Tensor, labels: Tensor) -> Tensor:
    """Person or not, wherever one of them is known: cross-entropy, hard pixels twice, and half a soft Jaccard.

    Background stands against the best of the other classes, as arg-max has it in the label map. Against their sum, it would win
    wherever two garments are equally likely: that costs two points of IoU on foreign pictures.
    """
    background = labels == 0
    person = (labels != IGNORE) & ~background
    counted = (labels != IGNORE).float()
    margin = log_p[:, 0] - log_p[:, 1:].max(1).values
    surprise = F.softplus(torch.where(person, margin, -margin))
    hard = 2 - torch.exp(-surprise.detach())
    entropy = (surprise * hard * counted).sum() / counted.sum().clamp(min=1)
    p, target = torch.sigmoid(-margin) * counted, person.float()
    overlap = (p * target).sum()
    jaccard = (overlap + 1) / (((p + target - p * target) * counted).sum() + 1)
    return entropy + 0.5 * (1 - jaccard)


def overlap_loss(log_p: Tensor, labels: Tensor) -> Tensor:
    """What the intersection over union of the classes that are there is short of one, made convex and piecewise linear: the
    Lovász-Softmax (Berman, Triki and Blaschko 2018). The batch counts as one picture, as a test set does."""
    counted = labels != IGNORE
    known, p = labels[counted], log_p.permute(0, 2, 3, 1)[counted].exp()
    losses = []
    for c in known.unique().tolist():
        inside = (known == c).float()
        errors, order = (inside - p[:, c]).abs().sort(descending=True)
        missed = inside[order].cumsum(0)
        there = inside.sum()
        short = 1 - (there - missed) / (there + torch.arange(1, len(order) + 1, device=p.device) - missed)
        losses.append((errors * torch.diff(short, prepend=short.new_zeros(1))).sum())
    return torch.stack(losses).mean() if losses else log_p.new_zeros(())


def class_counts(labels: list[np.ndarray], classes: int) -> Tensor:
    """Pixels of each class."""
    counts = sum(np.bincount(each.ravel(), minlength=256)[:classes] for each in labels)
    return torch.from_numpy(counts).float()


def inverse_log_weights(counts: Tensor, power: float = 1.0) -> Tensor:
    """Class weights 1 / log(1.1 + frequency) to a power, mean 1 (Paszke et al. 2016, ENet, section 5)."""
    weights = (1 / torch.log(1.1 + counts / counts.sum())) ** power
    return weights / weights.mean()


def distillation_loss(logits: Tensor, taught: Tensor, temperature: float = 2.0) -> Tensor:
    """Kullback-Leibler divergence from the teacher's softened probabilities (Hinton et al. 2015)."""
    ours, theirs = (F.log_softmax(value / temperature, 1) for value in (logits, taught))
    return F.kl_div(ours, theirs, log_target=True, reduction='none').sum(1).mean() * temperature**2


def feature_loss(features: Tensor, taught: Tensor) -> Tensor:
    """Mean squared distance, relative to the mean square of what is taught."""
    return F.mse_loss(features, taught) / taught.square().mean()
