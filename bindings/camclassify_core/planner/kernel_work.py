"""What a layer is for the fused kernels: counted as core/src/kernels does it.

A product computes tiles of pixels x vectors of channels (simd/gemm.hpp); a tile costs its steps over the
reduction, and a constant. A block goes through its input in a ring of rows (block.cpp).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from camclassify_core.options import Precision

from .layers import Kind, Layer
from .machine import Caches
from .work import Counts, Work, add_traffic, beyond, layer_shape

_BYTES = {"f32": 4, "u8": 1, "i16": 2}
_STEP = {"f32": 1, "u8": 4, "i16": 2}  # elements of the reduction at a time
_WEIGHT_BYTES = {"f32": 4, "u8": 4, "i16": 4}  # of a step and a lane
_BLOCK_SCRATCH = 256 << 10  # a block's rows at once stay below it
_PIECE = 128 << 10  # and a pointwise product's pixels
# Lanes of 32 bits in a vector, and vectors in the widest tile.
_VECTORS = {"sse4": (4, 2), "avx2": (8, 2), "avxvnni": (8, 2), "neon": (4, 4), "neon_dot": (4, 4)}
_WIDEST = (16, 4)
_NATIVE_QUADS = ("avxvnni", "vnni", "neon_dot")  # multiply four u8 by s8 in one instruction


class KernelWork:
    """Counts for one instruction set, precision and machine."""

    def __init__(self, instruction_set: str, precision: Precision, caches: Caches) -> None:
        self._lanes, self._vectors = _VECTORS.get(instruction_set, _WIDEST)
        self._native_quads = instruction_set in _NATIVE_QUADS
        self._caches = caches
        int8 = precision is Precision.INT8
        self._stored = "u8" if int8 else "f32"
        # What a depthwise convolution reads (depthwise_stage.cpp); of these all but i16 lie in planes.
        self._inner = "i16" if int8 and not self._native_quads else self._stored
        self._weight_bytes = 2 if int8 else 4

    def of(self, layer: Layer) -> tuple[Work, ...]:
        """One fused op."""
        counts: Counts = defaultdict(float)
        add_traffic(counts, layer, self._weight_bytes, _BYTES[self._stored], self._caches)
        match layer.kind:
            case Kind.STEM:
                self._stem(counts, layer)
            case Kind.POINTWISE:
                self._pointwise(counts, layer)
            case Kind.INVERTED | Kind.SEPARABLE:
                self._block(counts, layer)
            case Kind.HEAD:
                counts["pooled"] += layer.values_read / 1e6
                counts["pooled_pixels"] += layer.size**2 / 1e4
                self._product(counts, 1, layer.channels, layer.filters, self._stored, "logit")
        return (Work(group=layer.kind, counts=dict(counts), shape=layer_shape(layer)),)

    def _stem(self, counts: Counts, layer: Layer) -> None:
        steps = layer.kernel * -(-layer.kernel * layer.channels // _STEP[self._stored])
        rows = layer.output_size
        for vectors, blocks in self._blocks(layer.filters).items():
            for pixels, tiles in self._tiles(layer.output_size, vectors, self._stored).items():
                counts[f"steps {pixels}x{vectors}"] += rows * blocks * tiles * steps / 1e6
                counts[f"tiles {pixels}x{vectors}"] += rows * blocks * tiles / 1e4
        counts["padded"] += layer.size**2 / 1e5
        counts["rows"] += rows / 1e3

    def _pointwise(self, counts: Counts, layer: Layer) -> None:
        pixels = layer.output_size**2
        longest = _PIECE // (layer.channels * _BYTES[self._stored])
        piece = max(48, min(pixels + 1, longest) // 12 * 12 + 12)
        for size, times in ((piece, pixels // piece), (pixels % piece, 1)):
            if size:
                self._product(
                    counts, size, layer.channels, layer.filters, self._stored, self._stored, times
                )

    def _block(self, counts: Counts, layer: Layer) -> None:
        width = layer.output_size
        rows, scratch = self._rows_at_once(layer)
        if layer.kind is Kind.INVERTED:
            self._product(
                counts,
                layer.size,
                layer.channels,
                layer.inner,
                self._stored,
                "i16" if self._inner == "i16" else "planes",
                layer.size,
            )
        else:
            counts["copied"] += layer.values_read * _BYTES[self._inner] / 1e6
        counts["rows"] += layer.size / 1e3
        if self._inner != "i16":
            counts["padded"] += self._ring(layer, rows) / 1e6
        self._depthwise(counts, layer)
        for size, times in ((rows * width, width // rows), (width % rows * width, 1)):
            if size:
                self._product(
                    counts, size, layer.inner, layer.filters, self._stored, self._stored, times
                )
        counts["turns"] += -(-width // rows) / 1e3
        if layer.residual:
            counts["residual"] += layer.values_written / 1e6
        inside = layer.values_inside * _BYTES[self._stored]
        counts["inside_far"] += inside * beyond(scratch, self._caches.first) / 1e6

    def _rows_at_once(self, layer: Layer) -> tuple[int, int]:
        """Output rows that a block computes at once, and the bytes that takes."""
        filtered = layer.output_size * layer.inner * _BYTES[self._stored]

        def scratch(rows: int) -> int:
            return self._ring(layer, rows) + rows * filtered

        rows = 1
        while rows < layer.output_size and scratch(rows + 1) < _BLOCK_SCRATCH:
            rows += 1
        return rows, scratch(rows)

    def _ring(self, layer: Layer, rows: int) -> int:
        """Bytes of the rows that so many output rows are computed from."""
        lanes = 1 if self._inner == "i16" else self._lanes
        row = (layer.size + 2 * (layer.kernel // 2)) * -(-layer.inner // lanes) * lanes
        return ((rows - 1) * layer.stride + layer.kernel) * row * _BYTES[self._inner]

    def _depthwise(self, counts: Counts, layer: Layer) -> None:
        width, kernel, stride = layer.output_size, layer.kernel, layer.stride
        loads = 0  # vectors, of all rows
        for vectors, outputs, tiles in self._depthwise_tiles(layer):
            counts[f"depthwise {kernel}/{stride} tiles"] += width * vectors * tiles / 1e4
            counts[f"depthwise {kernel}/{stride} outputs"] += width * vectors * outputs / 1e4
            counts["depthwise_rows"] += width * vectors / 1e4
            loads += width * vectors * kernel * (outputs * stride + tiles * (kernel - stride))
        read = loads * self._lanes * 4
        window = kernel * layer.size * layer.inner * _BYTES[self._inner]
        counts["window_far"] += read * beyond(window, self._caches.first) / 1e7
        counts["window_farther"] += read * beyond(window, self._caches.second) / 1e7
        if layer.inner % (2 * self._lanes if self._inner == "i16" else self._lanes):
            counts["depthwise_rest"] += width**2 / 1e5

    def _depthwise_tiles(self, layer: Layer) -> Iterator[tuple[int, int, int]]:
        """Vectors of channels, and for each in a row: vectors of outputs, and the tiles they come in."""
        width = layer.output_size
        many = self._vectors == 4
        match self._inner:
            case "f32":  # as many tiles as the widest would take, all about as wide
                widest = 7 if many else 4
                yield -(-layer.inner // self._lanes), width, -(-width // widest)
            case "i16":
                yield -(-layer.inner // (2 * self._lanes)), width, width // 4 + width % 4
            case _:  # a vector holds a plane's pixel, or several of a narrow plane
                widest = 4 if many else 2
                for vectors, blocks in self._blocks(layer.inner).items():
                    pixels = 4 // vectors if layer.stride == 1 else 1
                    whole = width // (widest * pixels)
                    single = -(-(width - whole * widest * pixels) // pixels)
                    yield blocks, whole * widest + single, whole + single

    def _product(
        self,
        counts: Counts,
        pixels: int,
        depth: int,
        channels: int,
        read: str,
        written: str,
        times: int = 1,
    ) -> None:
        """`times` products of pixels x depth with depth x channels."""
        steps = -(-depth // _STEP[read])
        operand = pixels * depth * _BYTES[read]
        every_weight = channels * steps * _WEIGHT_BYTES[read]
        blocks = self._blocks(channels)
        for vectors, count in blocks.items():
            tiles = self._tiles(pixels, vectors, read)
            for size, number in tiles.items():
                counts[f"{read} steps {size}x{vectors}"] += times * count * number * steps / 1e6
                counts[f"{written} tiles {size}x{vectors}"] += times * count * number / 1e4
            weights = steps * vectors * self._lanes * _WEIGHT_BYTES[read]
            tile = weights + depth * _BYTES[read] * 4
            again = sum(tiles.values()) * weights * beyond(tile, self._caches.first)
            counts["weights_far"] += times * count * again / 1e7
            counts["weights_again"] += (
                times * count * weights * beyond(every_weight + operand, self._caches.first) / 1e7
            )
        number = sum(blocks.values())
        counts["operand_far"] += (
            times * (number - 1) * operand * beyond(operand, self._caches.first) / 1e7
        )
        if channels % self._lanes and written != "planes":
            counts[f"{written} rest"] += times * pixels / 1e5
        if written == "u8":
            counts["tile_copied"] += times * pixels * self._copied(channels, blocks) / 1e5
        counts["products"] += times / 1e4

    def _copied(self, channels: int, blocks: Counter[int]) -> int:
        """Blocks whose bytes do not go straight to where they belong (simd/epilogue.hpp)."""
        partial = channels % self._lanes > 0
        if blocks.total() == 1 and not partial:
            return 0
        narrow = sum(count for vectors, count in blocks.items() if vectors < 4)
        return narrow + (partial and min(blocks) == 4)

    def _blocks(self, channels: int) -> Counter[int]:
        """Blocks of so many vectors that make up the channels."""
        blocks: Counter[int] = Counter()
        left = -(-channels // self._lanes)
        while left > 0:
            vectors = self._vectors
            while vectors > left:
                vectors //= 2
            blocks[vectors] += 1
            left -= vectors
        return blocks

    def _tiles(self, pixels: int, vectors: int, read: str) -> Counter[int]:
        """Tiles of so many pixels that make up all, for a product that reads such values."""
        largest = self._tile_pixels(vectors, read)
        tiles: Counter[int] = Counter()
        number, left = divmod(pixels, largest)
        if largest <= 6 and left in (1, 2) and number:  # rather two of middle size than a small one
            number -= 1
            left += largest
        tiles[largest] += number
        if largest == 6 and left in (3, 7):
            tiles[3] += 1
            left -= 3
        for size in (4, 2, 1):
            tiles[size] += left // size
            left %= size
        return +tiles

    def _tile_pixels(self, vectors: int, read: str) -> int:
        if self._vectors == 4:
            return {4: 6, 2: 12, 1: 16}[vectors]
        return {2: 4 if read == "u8" and self._native_quads else 6, 1: 8}[vectors]
