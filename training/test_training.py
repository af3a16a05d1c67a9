"""python -m pytest training, or python training/test_training.py: on a handful of drawn pictures, in a few minutes."""
import json
import subprocess
import sys
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch

import augment
from data import IGNORE, PERSON, Example
from evaluate import class_scores, longest_side
from recipes import RECIPES
from losses import class_loss, log_probabilities, overlap_loss, person_loss
from low_rank import low_rank
from memory import Batch, Memories, entered
from networks import DeepLab, Shape
from pseudo import classes_within, pseudo_labels
from weights import load_weights, save_weights

HERE = Path(__file__).parent
TINY = Shape(3, width=0.125, middle_blocks=1, channels=16, low_level_channels=8)


def drawn(rng: np.random.Generator, person: int) -> tuple[np.ndarray, np.ndarray]:
    """An ellipse of noise on noise, and its labels."""
    picture = rng.integers(0, 256, (90, 70, 3), dtype=np.uint8)
    labels = np.zeros((90, 70), np.uint8)
    cv2.ellipse(labels, (35, 45), (18, 30), 0, 0, 360, person, -1)
    picture[labels > 0] //= 3
    return picture, labels


def write_pairs(folder: Path, person: int, count: int = 3) -> None:
    rng = np.random.default_rng(0)
    for kind in ('images', 'labels'):
        (folder / kind).mkdir(parents=True)
    for i in range(count):
        picture, labels = drawn(rng, person)
        cv2.imwrite(str(folder / 'images' / f'{i}.jpg'), picture)
        cv2.imwrite(str(folder / 'labels' / f'{i}.png'), labels)


class Augmentation(unittest.TestCase):
    def test_a_cloth_hangs_behind_people_and_is_background(self):
        rng = np.random.default_rng(3)
        picture, labels = drawn(rng, 2)
        labels[labels == 0] = IGNORE
        hung = 0
        for _ in range(20):
            x, y = augment.hung_behind((picture, labels), rng)
            inside = cv2.erode((labels == 2).astype(np.uint8), np.ones((3, 3))) > 0
            np.testing.assert_array_equal(x[inside], picture[inside])
            np.testing.assert_array_equal(y == 2, labels == 2)
            hung += (y == 0).any()
            far = cv2.dilate(((y == 0) | (y == 2)).astype(np.uint8), np.ones((5, 5))) == 0
            np.testing.assert_array_equal(x[far], picture[far])
        self.assertGreater(hung, 15)  # few corners, drawn at random, may enclose next to nothing


class Weights(unittest.TestCase):
    def test_the_names_are_those_of_the_graph(self):
        names = {name.replace('.', '/') for name in DeepLab(TINY).state_dict()}
        for name in (
            'encoder/entry_flow/conv1/batch_norm/variance',
            'encoder/entry_flow/block1/shortcut/kernel',
            'encoder/middle_flow/block1/conv3/pointwise/batch_norm/gamma',
            'aspp/rate2/depthwise/batch_norm/mean',
            'decoder/low_level/kernel',
            'classifier/bias',
        ):
            self.assertIn(name, names)

    def test_what_is_saved_is_read_back(self):
        torch.manual_seed(1)
        net, other = DeepLab(TINY).eval(), DeepLab(TINY).eval()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / 'model.safetensors'
            save_weights(net, path, {})
            load_weights(other, path)
        x = torch.randn(1, 3, 64, 48)
        self.assertTrue(torch.equal(net(x), other(x)))

    def test_logits_have_stride_four(self):
        self.assertEqual(DeepLab(TINY).eval()(torch.zeros(2, 3, 64, 96)).shape, (2, 3, 16, 24))


class LowRank(unittest.TestCase):
    def test_a_rank_that_is_full_gives_the_network_back(self):
        torch.manual_seed(2)
        teacher = DeepLab(TINY).eval()
        channels = teacher.encoder.channels
        x = torch.randn(8, 3, 64, 48)
        outputs = {}
        for rank in (channels, channels // 4):
            pupil = DeepLab(replace(TINY, entry_rank=rank, middle_rank=rank)).eval()
            low_rank(pupil, teacher, teacher.encoder.enter(x, 2)[1])
            outputs[rank] = pupil(x)
        missed = {rank: float(((value - teacher(x)).norm() / teacher(x).norm()).detach()) for rank, value in outputs.items()}
        self.assertLess(missed[channels], 0.01)
        self.assertTrue(missed[channels] < missed[channels // 4] < 0.9, missed)


class Kept(unittest.TestCase):
    def test_a_batch_is_of_one_shape_and_the_oldest_crops_go(self):
        memories = Memories(size=8, shapes=2)
        for first, shape in ((1, (4, 6)), (2, (6, 4)), (3, (4, 6)), (4, (4, 6))):
            labels = torch.full((2, *shape), first)
            memories.add(Batch(labels, torch.zeros(2, 1, *shape), torch.full((2, 1, *shape), float(first))))
        self.assertEqual(memories.count, 8)
        rng, seen = np.random.default_rng(0), set()
        for _ in range(40):
            batch = memories.draw(2, rng)
            self.assertEqual(batch.labels.shape[1:], batch.entered.shape[2:])
            self.assertTrue(torch.equal(batch.labels[:, 0, 0].float(), batch.entered[:, 0, 0, 0]))
            seen |= set(batch.labels.unique().tolist())
        self.assertEqual(seen, {2, 3, 4})

    def test_what_is_kept_and_what_learns_are_the_network(self):
        torch.manual_seed(4)
        net, x = DeepLab(TINY).eval(), torch.randn(2, 3, 64, 48)
        for blocks in (2, 3, 4):
            recipe = replace(RECIPES['people-small'], frozen_blocks=blocks)
            batch = entered(net, recipe, x, torch.zeros(2, 32, 24))
            features = net.encoder.rest(batch.entered, blocks)
            logits = net.classifier(net.decoder.refined(batch.low_level, net.aspp(features)))
            for value in (logits, batch.logits):
                torch.testing.assert_close(value, net(x))


class Losses(unittest.TestCase):
    labels = torch.tensor([[[0, 1], [PERSON, IGNORE]]])

    def test_ignored_pixels_have_no_gradient(self):
        logits = torch.zeros(1, 3, 2, 2, requires_grad=True)
        log_p = log_probabilities(logits, self.labels)
        (class_loss(log_p, self.labels, torch.ones(3)) + person_loss(log_p, self.labels)).backward()
        self.assertEqual(float(logits.grad[0, :, 1, 1].abs().sum()), 0)
        self.assertGreater(float(logits.grad[0, :, 1, 0].abs().sum()), 0)

    def test_a_right_answer_costs_less(self):
        right = torch.zeros(1, 3, 2, 2)
        right[0, 0, 0, 0] = right[0, 1, 0, 1] = right[0, 2, 1, 0] = 9
        cost = lambda logits: float(person_loss(log_probabilities(logits, self.labels), self.labels))
        self.assertLess(cost(right), 0.05)
        self.assertGreater(cost(-right), 1)


    def test_overlap_is_the_jaccard_index_of_hard_answers(self):
        labels = torch.tensor([[[0, 0, 1, 1, IGNORE]]])
        sure = torch.zeros(1, 2, 1, 5)
        sure[0, [0, 1, 1, 1, 0], 0, range(5)] = 100.0  # one of class 0 is taken for class 1
        loss = overlap_loss(torch.log_softmax(sure, 1), labels)
        self.assertAlmostEqual(loss.item(), ((1 - 1 / 2) + (1 - 2 / 3)) / 2, places=5)


class Examples(unittest.TestCase):
    def test_a_seed_gives_the_same_crop(self):
        example = Example('drawn', *drawn(np.random.default_rng(3), 2))
        crops = [augment.crop(example, (64, 64), (0.5, 2), np.random.default_rng(5)) for _ in range(2)]
        for a, b in zip(*crops):
            self.assertTrue(np.array_equal(a, b))
        self.assertEqual(crops[0][0].shape, (64, 64, 3))

    def test_outside_of_boxes_nobody(self):
        labels = pseudo_labels(np.array([[0.99, 0.5], [0.99, 0.01]]), [(0.25, 0.5, 0.4, 1.0)])
        self.assertEqual(labels.tolist(), [[PERSON, 0], [PERSON, 0]])

    def test_people_are_given_the_class_that_is_sure(self):
        labels = np.array([[PERSON, 0, IGNORE, PERSON]], np.uint8).repeat(40, 0).repeat(10, 1)
        example = Example('drawn', np.zeros((40, 40, 3), np.uint8), labels)
        sure = lambda x: torch.tensor([9.0, 0, 5, 0])[None, :, None, None].expand(1, 4, *x.shape[2:])
        unsure = lambda x: torch.zeros(1, 4, *x.shape[2:])
        self.assertEqual(classes_within(sure, example)[0, ::10].tolist(), [2, 0, IGNORE, 2])
        self.assertEqual(classes_within(unsure, example)[0, ::10].tolist(), [PERSON, 0, IGNORE, PERSON])

    def test_sizes_are_those_of_the_package(self):
        self.assertEqual(longest_side(830, 550, 384), (384, 256))


class Run(unittest.TestCase):
    def test_a_run_goes_on_from_its_checkpoint(self):
        with tempfile.TemporaryDirectory() as folder:
            root, out = Path(folder) / 'data', Path(folder) / 'out'
            write_pairs(root / 'ccp' / 'train', 2)
            write_pairs(root / 'ccp' / 'val', 2, 1)
            write_pairs(root / 'coco-free' / 'labelled', 15)
            write_pairs(root / 'test-voc-person', 15, 1)
            (root / 'coco-free' / 'unlabelled' / 'images').mkdir(parents=True)
            (root / 'coco-free' / 'unlabelled' / 'person-boxes.tsv').write_text('coco_id\tboxes\n')
            start = Path(folder) / 'start.safetensors'
            save_weights(DeepLab(RECIPES['people'].shape), start, {})
            command = [sys.executable, 'train.py', 'people', '--data', root, '--start', start, '--out', out]
            small = [sys.executable, 'train.py', 'people-small', '--data', root, '--teacher', start, '--first', 8, '--out', out / 'small']
            for run, log in ((command, out), (small, out / 'small')):
                minutes, steps = 0.0, [0]
                for _ in range(2):
                    longer = str(minutes + 0.1)
                    subprocess.run([*map(str, run), '--minutes', longer], cwd=HERE, check=True, capture_output=True)
                    last = json.loads((log / 'log.jsonl').read_text().splitlines()[-1])
                    minutes, steps = last['minutes'], [*steps, last['step']]
                self.assertTrue(steps[0] < steps[1] < steps[2], steps)
            example = Example('drawn', *drawn(np.random.default_rng(0), 2))
            for model, folder in (('people', out), ('people-small', out / 'small')):
                net = DeepLab(RECIPES[model].shape).eval()
                load_weights(net, folder / f'{model}.safetensors')
                scores = class_scores(net, [example], 12, RECIPES[model].input_size)
                self.assertTrue(0 <= scores['miou'] <= 1)


if __name__ == '__main__':
    unittest.main()
