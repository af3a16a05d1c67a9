"""Of the safetensors files of a folder, those that the reference parser refuses: name to reason."""

import json
import sys
from pathlib import Path

import safetensors


def reason(path: Path) -> str | None:
    try:
        safetensors.deserialize(path.read_bytes())
        return None
    except Exception as error:  # whatever it raises, it refuses
        return str(error)


reasons = {path.stem: reason(path) for path in sorted(Path(sys.argv[1]).glob("*.safetensors"))}
json.dump({name: why for name, why in reasons.items() if why is not None}, sys.stdout)
