"""Writes tests/data/references.npz: what the published networks answer, without our code.

    pip install torch==2.13.0 onnxruntime numpy Pillow      # Python 3.11
    python models/references.py STOCK_YOLOX.onnx EFFICIENTNET_LITE0.pth

The scene network is the stock file in plain ONNX Runtime; of its rows the 64 most certain ones and
every 50th are kept. The object network is the state dict in torch, batch norms unfolded.
"""

import os
import sys
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before it is loaded

import numpy as np
import onnxruntime
import torch
from PIL import Image
from torch.nn import functional

TESTS = Path(__file__).parents[1] / "tests"
KERNELS_AND_STRIDES = ((3, 1, 1), (3, 2, 2), (5, 2, 2), (3, 2, 3), (5, 1, 3), (5, 2, 4), (3, 1, 1))


def scene(model: str) -> dict[str, np.ndarray]:
    """YOLOX-Nano on dog.jpg, letterboxed to the top left, BGR."""
    picture = Image.open(TESTS / "photographs" / "dog.jpg").convert("RGB")
    share = 416 / max(picture.size)
    width, height = (round(side * share) for side in picture.size)
    boxed = np.full((416, 416, 3), 114, np.float32)
    resized = picture.resize((width, height), Image.Resampling.BILINEAR)
    boxed[:height, :width] = np.asarray(resized)[..., ::-1]
    session = onnxruntime.InferenceSession(model)
    rows = session.run(None, {"images": boxed.transpose(2, 0, 1)[None]})[0][0]
    chosen = np.union1d(np.argsort(-rows[:, 4])[:64], np.arange(0, len(rows), 50))
    return {"scene": rows[chosen], "scene_rows": chosen}


def same(x: torch.Tensor, weight: torch.Tensor, stride: int) -> torch.Tensor:
    """TensorFlow's SAME convolution; depthwise if the weights have one input channel."""
    pads = []
    for size in (x.shape[3], x.shape[2]):
        total = max((-(-size // stride) - 1) * stride + weight.shape[2] - size, 0)
        pads += [total // 2, total - total // 2]
    groups = x.shape[1] if weight.shape[1] == 1 else 1
    return functional.conv2d(functional.pad(x, pads), weight, stride=stride, groups=groups)


def object_network(state_dict: str) -> dict[str, np.ndarray]:
    """EfficientNet-Lite0 on chelsea.png, stretched, RGB, (x - 127) / 128."""
    state = torch.load(state_dict, weights_only=True)

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        parts = [
            state[f"{name}.{each}"] for each in ("running_mean", "running_var", "weight", "bias")
        ]
        return functional.batch_norm(x, *parts, eps=1e-3)

    picture = Image.open(TESTS / "photographs" / "chelsea.png").convert("RGB")
    pixels = np.asarray(picture.resize((224, 224), Image.Resampling.BILINEAR), np.float32)
    x = torch.from_numpy((pixels.transpose(2, 0, 1)[None] - 127) / 128)
    x = functional.relu6(norm(same(x, state["_conv_stem.weight"], 2), "_bn0"))
    index = 0
    for _, first_stride, repeats in KERNELS_AND_STRIDES:
        for repeat in range(repeats):
            block, stride, y = f"_blocks.{index}", first_stride if repeat == 0 else 1, x
            if index:
                y = functional.relu6(
                    norm(same(y, state[f"{block}._expand_conv.weight"], 1), f"{block}._bn0")
                )
            y = functional.relu6(
                norm(same(y, state[f"{block}._depthwise_conv.weight"], stride), f"{block}._bn1")
            )
            y = norm(same(y, state[f"{block}._project_conv.weight"], 1), f"{block}._bn2")
            x = x + y if repeat else y
            index += 1
    x = functional.relu6(norm(same(x, state["_conv_head.weight"], 1), "_bn1"))
    features = x.mean(dim=(2, 3))
    logits = functional.linear(features, state["_fc.weight"], state["_fc.bias"])
    return {"features": features.numpy(), "logits": logits.numpy()}


if __name__ == "__main__":
    with torch.no_grad():
        found = scene(sys.argv[1]) | object_network(sys.argv[2])
    (TESTS / "data").mkdir(exist_ok=True)
    np.savez_compressed(TESTS / "data" / "references.npz", allow_pickle=False, **found)
