"""The family of YOLOX with random weights: as large as the published ones, and fused as a whole."""

import pytest
from camclassify_core.bundle import yolox as stock
from camclassify_core.network import onnx_writer
from camclassify_core.network.fusion import fuse

from benchmarks.yolox_family import SIZES, parameters, yolox


@pytest.mark.parametrize(
    ("name", "millions"), [("nano", 0.91), ("tiny", 5.06), ("s", 8.97), ("m", 25.3)]
)
def test_has_as_many_parameters_as_published(name: str, millions: float) -> None:
    assert parameters(yolox(SIZES[name])) / 1e6 == pytest.approx(millions, rel=0.01)


def test_is_cut_and_fused_as_the_published_one() -> None:
    graph = yolox(SIZES["tiny"])
    scene = stock.cut(onnx_writer.to_bytes(graph), width=416, height=416, groups={"all": range(80)})
    _, report = fuse(scene)
    assert report.complete
    assert report.fused["Convolution"] == 30
