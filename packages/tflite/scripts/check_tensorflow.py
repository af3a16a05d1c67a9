"""Holds TensorFlow Lite files against our own sessions, in TensorFlow's interpreter.

    pip install tensorflow-cpu
    python packages/tflite/scripts/check_tensorflow.py [geometries | random | GOLDEN | MODEL_FOLDER HEIGHT WIDTH] …

Run it in the repository's root; without arguments it takes every operator in each geometry, random networks and every golden.
Results are within 1e-5 (an operator) or 1e-4 (a network) of ours, relative to the largest value; with the dynamic range, where
what operators read is rounded, within 2000 times that.
"""

import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
warnings.filterwarnings("ignore")

import numpy as np
import tensorflow as tf

ROOT = Path(__file__).resolve().parents[3]
NODE = ROOT / ".tools/node_modules/.bin/node"
GOLDENS = [
    path.stem for path in sorted((ROOT / "packages/golden/files").glob("*.json"))
    if "params" in json.loads(path.read_text()) and not path.stem.endswith("-head")
]


def difference(actual: np.ndarray, expected: np.ndarray) -> float:
    if actual.shape != expected.shape or actual.dtype != expected.dtype:
        return float("inf")
    largest = np.abs(expected.astype(np.float64)).max()
    return float(np.abs(actual.astype(np.float64) - expected).max() / (largest or 1))


def check(what: list[str]) -> bool:
    """Writes the files of one kind, runs each, and prints the farthest, or all that are too far."""
    sound = True
    worst: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = ROOT / "packages/tflite/scripts/cases.ts"
        subprocess.run([NODE, "--conditions=@atrous/source", script, folder, *what], check=True, cwd=ROOT)
        for case in json.loads((folder / "cases.json").read_text()):
            interpreter = tf.lite.Interpreter(str(folder / case["file"]), num_threads=1)
            image = np.fromfile(folder / case["image"], np.float32).reshape(case["shape"])
            results = interpreter.get_signature_runner()(image=image)
            for expected in case["expected"]:
                values = np.fromfile(folder / expected["file"], expected["dtype"]).reshape(expected["shape"])
                far = difference(results[expected["output"]], values)
                kind = case["name"].rpartition(", ")[2] if "float" in case["name"] or "int8" in case["name"] else ""
                kind = "int8, dynamic range" if kind == "dynamic range" else kind
                worst[kind] = max(worst.get(kind, 0), far)
                if not far < case["tolerance"]:
                    sound = False
                    print(f"{case['name']}: {expected['output']} is {far:.1e} away")
    for kind, far in worst.items():
        print(f"{' '.join(what)} {kind or 'float32'}: {far:.1e}", flush=True)
    return sound


if __name__ == "__main__":
    asked = [sys.argv[1:]] if len(sys.argv) > 1 else [[what] for what in ["geometries", "random", *GOLDENS]]
    results = [check(what) for what in asked]
    sys.exit(0 if all(results) else 1)
