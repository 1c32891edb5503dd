"""Hidden checks of receptive_field."""

import conv
from reference import conv as reference
from student_kit.checks import assert_equal


def check(layers):
    """Compare with the reference."""
    assert_equal(conv.receptive_field(layers), reference.receptive_field(layers))


def test_one_layer(rng):
    """One layer sees as much as its kernel, whatever its stride is."""
    kernel = int(rng.integers(3, 12))
    for stride in (1, 2, 3):
        check([(kernel, stride)])


def test_stride_of_one(rng):
    """Layers of stride 1 add up: each one adds its kernel less one."""
    kernels = rng.integers(2, 8, size=4)
    check([(int(kernel), 1) for kernel in kernels])


def test_strides(rng):
    """Behind a stride, each layer sees so many times as far."""
    for strides in ((2, 1), (2, 3, 1), (1, 2, 2, 1)):
        kernels = rng.integers(2, 8, size=len(strides)).tolist()
        check(list(zip(kernels, strides, strict=True)))


def test_last_stride(rng):
    """The stride of the last layer does not matter: nothing comes behind it."""
    layers = [(int(rng.integers(2, 8)), 2), (int(rng.integers(2, 8)), 1)]
    check(layers)
    check([*layers[:1], (layers[1][0], 5)])


def test_order(rng):
    """The first pair is the layer next to the image: the other way round is something else."""
    small, large = int(rng.integers(2, 5)), int(rng.integers(6, 9))
    check([(small, 3), (large, 1), (3, 2)])
    check([(3, 2), (large, 1), (small, 3)])


def test_kernels_of_one_pixel(rng):
    """A kernel of one pixel adds nothing, but its stride counts for what follows."""
    kernel = int(rng.integers(3, 8))
    check([(1, 1), (kernel, 1), (1, 2)])
    check([(1, 3), (kernel, 1)])


def test_no_layer(rng):
    """Without any layer a number sees itself alone; with one more than that."""
    kernel = int(rng.integers(3, 8))
    check([(kernel, 1)])
    check([])
