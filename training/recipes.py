"""One row per model: its network, what it learns from and how."""
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluate import longest_side
from networks import Shape


@dataclass(frozen=True)
class Draw:
    """How crops are drawn from a source."""

    share: float
    """Of a batch."""
    scales: tuple[float, float]
    """Of a picture before it is cropped."""
    is_labelled: bool = False
    """By the network that a run begins from, where that one was trained: what people wear, and where they are within boxes."""


@dataclass(frozen=True)
class Recipe:
    shape: Shape
    task: Literal['people', 'street']
    crop: tuple[int, int]
    """Height and width of a training crop."""
    batch: int
    encoder_rate: float
    head_rate: float
    frozen_blocks: int
    """How many blocks of the encoder, counted from the first, keep their weights (the stem with them)."""
    mix: dict[str, Draw]
    labelled: str
    """Of which source the classes are counted that are weighted in the loss."""
    backgrounds: str | None = None
    """Before whose pictures that show nobody people are set."""
    draws: int = 1
    """How often a crop is seen. More than once: what the frozen blocks and the low-level projection, frozen then, make of it is kept."""
    teacher: str | None = None
    """A larger model that it learns from, too; the frozen blocks are those of that one."""
    longest: int = 384
    """The longer side of a whole picture as the network sees it."""
    fixed: tuple[int, int] | None = None
    """Height and width instead of that."""
    weight_power: float = 1.0
    """How much more a rare class counts: 0 not at all."""

    def input_size(self, picture: np.ndarray) -> tuple[int, int]:
        """Height and width at which the network sees a picture."""
        return self.fixed or longest_side(*picture.shape[:2], self.longest)


DATA = {
    'people': 'Clothing Co-Parsing (854 photos, 59 tags merged to 12 classes) and freely licensed pictures of COCO (398 '
    'with masks of people, 414 with boxes alone), on the ImageNet Xception of Keras',
    'street': 'CamVid (Cambridge-driving Labeled Video Database) in SegNet\'s split, 468 pictures of train and val at '
    '480x360, 11 classes, on the ImageNet Xception of Keras',
}
LICENCES = {
    'people': 'weights: MIT, as the project; the pictures that it learned from are under Apache-2.0, CC BY 2.0, CC BY-SA '
    '2.0 or free of known rights, and named in LICENCES.tsv',
    'street': 'weights: MIT, as the project; the training data is for research use: judge for your use',
}

PEOPLE_CLASSES = 12
STREET_CLASSES = 11

MODELS = ('people', 'people-small', 'street')
"""What ships."""

RECIPES: dict[str, Recipe] = {
    'people': Recipe(
        Shape(PEOPLE_CLASSES),
        'people',
        (320, 320),
        8,
        1e-4,
        8e-4,
        3,
        # full figures, of which close views are made by large scales
        {'ccp': Draw(0.45, (0.45, 4.5)), 'coco': Draw(0.3, (0.45, 2.6), True), 'boxes': Draw(0.25, (0.45, 2.6), True)},
        'ccp',
        'coco',
        longest=512,
    ),
    'people-whole': Recipe(
        Shape(PEOPLE_CLASSES),
        'people',
        (512, 384),
        6,
        4e-5,
        2e-4,
        8,
        # pictures about as large and as whole as they are seen later
        {'ccp': Draw(0.45, (0.5, 2.0)), 'coco': Draw(0.33, (0.5, 1.6), True), 'boxes': Draw(0.22, (0.5, 1.6), True)},
        'ccp',
        'coco',
        draws=3,
        longest=512,
    ),
    'people-small': Recipe(
        Shape(PEOPLE_CLASSES, entry_rank=128, middle_rank=64),
        'people',
        (320, 320),
        8,
        4e-4,
        4e-4,
        2,
        {'ccp': Draw(0.35, (0.35, 3.0)), 'coco': Draw(0.35, (0.35, 2.0)), 'boxes': Draw(0.3, (0.35, 2.0))},
        'ccp',
        'coco',
        draws=3,
        teacher='people',
        longest=320,
    ),
    'street': Recipe(
        Shape(STREET_CLASSES),
        'street',
        (360, 360),
        6,
        1e-4,
        6e-4,
        3,
        {'camvid': Draw(1.0, (0.9, 2.6))},
        'camvid',
        fixed=(608, 800),
        # with all of it, pedestrians and signs are seen where there are none
        weight_power=0.5,
    ),
}
