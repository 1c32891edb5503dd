"""Hidden checks of conv1d_backward.

Kernels read the same backwards where their direction is not what is checked.
"""

import conv
from reference import conv as reference
from student_kit.checks import assert_close, assert_inputs_unchanged, require

NAMES = ("grad_x", "grad_weight", "grad_bias")


def draw(rng, x_shape, weight_shape, *, symmetric=False, stride=1, padding=0):
    """Return grad_output, x and weight; grad_output has the shape of the layer's output."""
    x, weight = rng.normal(size=x_shape), rng.normal(size=weight_shape)
    if symmetric:
        weight = weight + weight[:, :, ::-1]
    length = (x_shape[2] + 2 * padding - weight_shape[2]) // stride + 1
    return rng.normal(size=(x_shape[0], weight_shape[0], length)), x, weight


def gradients(args, **options):
    """Return what the submission returns, by name; fail if it is not a tuple of three."""
    result = conv.conv1d_backward(*args, **options)
    require(
        type(result) is tuple and len(result) == 3,
        "the result must be a tuple of three, (grad_x, grad_weight, grad_bias)",
    )
    return dict(zip(NAMES, result, strict=True))


def check(args, *names, **options):
    """Compare these gradients with those of the reference."""
    expected = dict(zip(NAMES, reference.conv1d_backward(*args, **options), strict=True))
    found = gradients(args, **options)
    for name in names:
        assert_close(found[name], expected[name], name=name)


def test_gradient_of_the_input(rng):
    """grad_x is right without padding, where all sizes are different."""
    check(draw(rng, (2, 3, 8), (4, 3, 5)), "grad_x")
    check(draw(rng, (3, 4, 7), (1, 4, 2)), "grad_x")


def test_gradient_of_the_weight(rng):
    """grad_weight is right without padding, where all sizes are different."""
    check(draw(rng, (2, 3, 8), (4, 3, 5)), "grad_weight")
    check(draw(rng, (3, 4, 7), (1, 4, 2)), "grad_weight")


def test_gradient_of_the_bias(rng):
    """grad_bias is right, one number per filter."""
    check(draw(rng, (2, 3, 8), (4, 3, 5)), "grad_bias")
    check(draw(rng, (3, 2, 6), (3, 2, 2)), "grad_bias")


def test_padding_and_the_input(rng):
    """grad_x has no border: the padding is cut off at both ends."""
    for padding in (1, 2):
        args = draw(rng, (2, 3, 5), (2, 3, 4), symmetric=True, padding=padding)
        check(args, "grad_x", padding=padding)


def test_padding_and_the_weight(rng):
    """grad_weight is right with padding."""
    for padding in (1, 2):
        check(draw(rng, (2, 3, 5), (2, 3, 4), padding=padding), "grad_weight", padding=padding)


def test_stride(rng):
    """grad_x and grad_weight are right with a stride; what no window reaches has a grad_x of 0."""
    for stride in (2, 3):
        args = draw(rng, (2, 3, 9), (4, 3, 2), symmetric=True, stride=stride)
        check(args, "grad_x", "grad_weight", stride=stride)


def test_stride_and_padding(rng):
    """All three are right with both stride and padding."""
    for stride, padding in ((2, 1), (3, 2)):
        options = {"stride": stride, "padding": padding}
        check(draw(rng, (2, 3, 8), (2, 3, 3), **options), *NAMES, **options)


def test_all_sizes_equal(rng):
    """grad_x and grad_weight are right where axes of equal size could be taken for each other."""
    check(draw(rng, (3, 3, 5), (3, 3, 3)), "grad_x", "grad_weight")


def test_shortest(rng):
    """All three are right for a batch of one, and for kernels of length 1."""
    check(draw(rng, (1, 3, 5), (2, 3, 1)), *NAMES)
    check(draw(rng, (1, 2, 4), (3, 2, 4), symmetric=True), *NAMES)


def test_arguments_unchanged(rng):
    """grad_output, x and weight are not written into, and grad_weight is right."""
    args = draw(rng, (2, 2, 6), (3, 2, 3))
    expected = reference.conv1d_backward(*args)[1]
    with assert_inputs_unchanged():
        found = gradients(args)
    assert_close(found["grad_weight"], expected, name="grad_weight")
