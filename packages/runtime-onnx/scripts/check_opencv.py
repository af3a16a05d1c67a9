"""Holds exported ONNX files against our own sessions, in OpenCV and onnxruntime, and runs what the model cards say.

    pip install numpy pillow safetensors onnx onnxruntime opencv-python-headless
    python packages/runtime-onnx/scripts/check_opencv.py

Run it in the repository's root. Each file passes onnx.checker with full_check; each result is within 1e-4 of
`atrous run` (relative to the largest value), in both of OpenCV's engines where there are two.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
from PIL import Image
from safetensors.numpy import load_file, save_file

TOLERANCE = 1e-4
ROOT = Path(__file__).resolve().parents[3]
PICTURE = ROOT / "apps/cli/examples/astronaut.png"
ENGINES = {name: getattr(cv2.dnn, name) for name in ("ENGINE_CLASSIC", "ENGINE_NEW") if hasattr(cv2.dnn, name)}


def atrous(folder: Path, *arguments: str) -> None:
    command = ["npm", "run", "-s", "--prefix", str(ROOT), "atrous", "--", *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)


def about(path: Path) -> dict[str, str]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    return {entry.key: entry.value for entry in model.metadata_props}


def normalised(pixels: np.ndarray, meta: dict[str, str]) -> np.ndarray:
    """Pixels of 0 to 255, NHWC, as a file's metadata asks for them, in float32."""
    low, high = json.loads(meta["range"])
    mean, std = (np.array(json.loads(meta[key])) for key in ("mean", "std"))
    image = ((pixels / 255 * (high - low) + low - mean) / std).astype(np.float32)
    return np.ascontiguousarray(image.transpose(0, 3, 1, 2)) if meta["layout"] == "NCHW" else image


def difference(actual: np.ndarray, expected: np.ndarray, layout: str) -> float:
    if layout == "NCHW":
        actual = actual.transpose(0, 2, 3, 1)
    if actual.shape != expected.shape:
        return float("inf")
    return float(np.abs(actual - expected).max() / np.abs(expected).max())


def check_numbers(model: str, height: int, width: int, folder: Path) -> bool:
    """One model at one size: free, fixed, channels first, normalising."""
    pixels = np.random.default_rng(7).integers(0, 256, (1, height, width, 3)).astype(np.float64)
    free = folder / "free.onnx"
    atrous(folder, "export", model, "-o", str(free))
    save_file({"image": normalised(pixels, about(free))}, folder / "in.safetensors")
    atrous(folder, "run", model, "--feeds", str(folder / "in.safetensors"), "-o", str(folder / "out.safetensors"))
    expected = load_file(folder / "out.safetensors")["logits"]
    size = ["--fixed", f"{height}x{width}"]
    sound = True
    for flags in ([], size, [*size, "--layout", "nchw"], [*size, "--layout", "nchw", "--normalize"]):
        path = folder / "file.onnx"
        atrous(folder, "export", model, "-o", str(path), *flags)
        meta = about(path)
        image = normalised(pixels, meta)
        results = {"onnxruntime": onnxruntime.InferenceSession(path).run(["logits"], {"image": image})[0]}
        for name, engine in ENGINES.items() if flags else ():  # OpenCV takes no free sizes
            net = cv2.dnn.readNetFromONNX(str(path), engine=engine)
            net.setInput(image)
            results[f"opencv {name}"] = net.forward("logits")
        for name, result in results.items():
            far = difference(result, expected, meta["layout"])
            sound &= far < TOLERANCE
            print(f"{model} {height}x{width} {' '.join(flags) or 'free':45} {name:21} {far:.1e}")
    return sound


def check_card(model: str, folder: Path) -> bool:
    """Runs the card's commands and Python as they stand; `labels` has to be the command's mask, all but edges."""
    card = (ROOT / f"packages/model-{model}/README.md").read_text()
    cv2.imwrite(str(folder / "photo.jpg"), cv2.imread(str(PICTURE))[:384])  # 512×384, as the cards' 4:3
    atrous(folder, "segment", str(folder / "photo.jpg"), "--model", model, "-o", str(folder))
    mask = np.array(Image.open(folder / "photo.mask.png"))
    sound = True
    for command, code in re.findall(r"```sh\natrous (.+?)\n```\n+```python\n(.+?)```", card, re.S):
        atrous(folder, *[str(folder / word) if word.endswith(".onnx") else word for word in command.split()])
        names: dict[str, np.ndarray] = {}
        exec(re.sub(r'"(\w+\.(?:onnx|jpg))"', rf'"{folder}/\1"', code), names)  # noqa: S102
        labels = names["labels"].astype(np.uint8)
        resized = cv2.resize(labels, mask.shape[::-1], interpolation=cv2.INTER_NEAREST)
        agreement = float((resized == mask).mean())
        sound &= agreement > 0.9
        print(f"{model} card: atrous {command}: {agreement:.1%} of the pixels as `atrous segment`")
    return sound


if __name__ == "__main__":
    print(f"OpenCV {cv2.__version__}, onnxruntime {onnxruntime.__version__}, onnx {onnx.__version__}")
    sound = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for model in ("people", "street"):
            for height, width in ((288, 384), (97, 129)):
                sound &= check_numbers(model, height, width, folder)
            sound &= check_card(model, folder)
    sys.exit(0 if sound else "some results are too far away")
