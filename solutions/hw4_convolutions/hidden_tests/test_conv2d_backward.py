"""Hidden checks of conv2d_backward.

Kernels look the same when turned by 180 degrees where their orientation is not what is checked.
"""

import conv
import numpy as np
from reference import conv as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, require

NAMES = ("grad_x", "grad_weight", "grad_bias")


def draw(rng, x_shape, weight_shape, *, symmetric=False, **options):
    """Return grad_output, x and weight; grad_output has the shape of the layer's output."""
    x, weight = rng.normal(size=x_shape), rng.normal(size=weight_shape)
    if symmetric:
        weight = weight + weight[:, :, ::-1, ::-1]
    sizes = reference.conv2d_output_shape(*x_shape[2:], *weight_shape[2:], **options)
    return rng.normal(size=(x_shape[0], weight_shape[0], *sizes)), x, weight


def gradients(args, **options):
    """Return what the submission returns, by name; fail if it is not a tuple of three."""
    result = conv.conv2d_backward(*args, **options)
    require(
        type(result) is tuple and len(result) == 3,
        "the result must be a tuple of three, (grad_x, grad_weight, grad_bias)",
    )
    return dict(zip(NAMES, result, strict=True))


def check(args, *names, **options):
    """Compare these gradients with those of the reference."""
    expected = dict(zip(NAMES, reference.conv2d_backward(*args, **options), strict=True))
    found = gradients(args, **options)
    for name in names:
        assert_close(found[name], expected[name], name=name)


def test_gradient_of_the_input(rng):
    """grad_x is right without padding, where all sizes are different."""
    check(draw(rng, (2, 3, 5, 7), (4, 3, 3, 2)), "grad_x")
    check(draw(rng, (3, 2, 6, 4), (1, 2, 2, 3)), "grad_x")


def test_gradient_of_the_weight(rng):
    """grad_weight is right without padding, where all sizes are different."""
    check(draw(rng, (2, 3, 5, 7), (4, 3, 3, 2)), "grad_weight")
    check(draw(rng, (3, 2, 6, 4), (1, 2, 2, 3)), "grad_weight")


def test_gradient_of_the_bias(rng):
    """grad_bias is right, one number per filter."""
    check(draw(rng, (2, 3, 5, 7), (4, 3, 3, 2)), "grad_bias")
    check(draw(rng, (3, 2, 6, 4), (3, 2, 2, 3)), "grad_bias")


def test_windows_that_do_not_overlap(rng):
    """grad_x is right where each pixel lies in one window: the stride is the kernel's size."""
    options = {"stride": 2}
    check(draw(rng, (2, 3, 4, 6), (2, 3, 2, 2), symmetric=True, **options), "grad_x", **options)


def test_padding_and_the_input(rng):
    """grad_x has no border: that of the padding is cut off, on all four sides."""
    for padding in (1, 2):
        args = draw(rng, (2, 3, 4, 6), (2, 3, 3, 4), symmetric=True, padding=padding)
        check(args, "grad_x", padding=padding)


def test_padding_and_the_weight(rng):
    """grad_weight is right with padding: the zeros of the border take part."""
    for padding in (1, 2):
        args = draw(rng, (2, 3, 4, 6), (2, 3, 3, 4), padding=padding)
        check(args, "grad_weight", padding=padding)


def test_stride_and_the_input(rng):
    """grad_x is right with a stride; where no window comes, at the far edges too, it is 0."""
    for stride in (2, 3):
        args = draw(rng, (2, 2, 7, 9), (3, 2, 2, 3), symmetric=True, stride=stride)
        check(args, "grad_x", stride=stride)


def test_stride_and_the_weight(rng):
    """grad_weight is right with a stride, also where that does not come out even."""
    for stride in (2, 3):
        args = draw(rng, (2, 2, 7, 9), (3, 2, 2, 3), stride=stride)
        check(args, "grad_weight", stride=stride)


def test_stride_and_padding(rng):
    """All three are right with both stride and padding."""
    for stride, padding in ((2, 1), (3, 2)):
        options = {"stride": stride, "padding": padding}
        check(draw(rng, (2, 3, 6, 5), (2, 3, 3, 2), **options), *NAMES, **options)


def test_all_sizes_equal(rng):
    """grad_x and grad_weight are right where axes of equal size could be taken for each other."""
    check(draw(rng, (3, 3, 5, 5), (3, 3, 3, 3)), "grad_x", "grad_weight")


def test_kernel_of_one_pixel(rng):
    """grad_x and grad_weight are right for 1x1 kernels; between steps of a stride grad_x is 0."""
    for stride in (1, 2):
        args = draw(rng, (2, 3, 4, 5), (4, 3, 1, 1), stride=stride)
        check(args, "grad_x", "grad_weight", stride=stride)


def test_batch_of_one(rng):
    """All three are right for a batch of one image, and keep their shapes."""
    check(draw(rng, (1, 2, 4, 5), (3, 2, 2, 3), symmetric=True), *NAMES)


def test_samples_add_up(rng):
    """The gradients of the parameters are sums over the batch: thrice the samples, thrice them."""
    grad_output, x, weight = draw(rng, (2, 2, 4, 5), (3, 2, 2, 3))
    once = gradients((grad_output, x, weight))
    more = (np.tile(array, (3, 1, 1, 1)) for array in (grad_output, x))
    thrice = gradients((*more, weight))
    expected = dict(zip(NAMES, reference.conv2d_backward(grad_output, x, weight), strict=True))
    for name in ("grad_weight", "grad_bias"):
        for found in (once, thrice):
            require(
                type(found[name]) is np.ndarray and found[name].shape == expected[name].shape,
                f"{name} must be an array of the shape of what it belongs to",
            )
            require(np.linalg.norm(found[name]) > 0, f"{name} is 0")
        assert_close(thrice[name], 3 * once[name], name=f"{name} of the tripled batch")
        # the direction alone, so that this check is about the sum and nothing else
        assert_close(
            once[name] / np.linalg.norm(once[name]),
            expected[name] / np.linalg.norm(expected[name]),
            name=f"the direction of {name}",
        )


def test_arguments_unchanged(rng):
    """grad_output, x and weight are not written into, and grad_weight is right."""
    args = draw(rng, (2, 2, 4, 5), (3, 2, 2, 3))
    expected = reference.conv2d_backward(*args)[1]
    with assert_inputs_unchanged():
        found = gradients(args)
    assert_close(found["grad_weight"], expected, name="grad_weight")
