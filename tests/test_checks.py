"""The comparisons of every test: what passes, what fails, and what the message says."""

import numpy as np
import pytest

from student_kit import calls
from student_kit.checks import (
    CheckFailure,
    assert_close,
    assert_equal,
    assert_inputs_unchanged,
    assert_keys,
    assert_no_warnings,
    assert_pair,
    estimated_gradient,
    require,
)

pytestmark = pytest.mark.portable

EXPECTED = np.array([[1.0, -2.0, 3.0], [4.0, 0.0, 6.0]])  # (2, 3)


def failure(actual, expected=EXPECTED, **options):
    """Return the failure of a comparison that must fail."""
    with pytest.raises(CheckFailure) as caught:
        assert_close(actual, expected, **options)
    return caught.value


def test_equal_arrays_pass_and_so_does_rounding():
    assert_close(EXPECTED.copy(), EXPECTED)
    assert_close(EXPECTED * (1 + 1e-13), EXPECTED)
    assert_close(2, 2.0)
    assert_close(np.float64(2.0), 2.0)


@pytest.mark.parametrize(
    ("actual", "summary"),
    [
        (None, "expected a NumPy array of shape (2, 3), found None"),
        ([], "found list"),
        (EXPECTED.tolist(), "found list"),
        (np.empty((0,)), "wrong shape: expected (2, 3), found (0,)"),
        (np.empty((0, 3)), "wrong shape"),
        (EXPECTED[None], "wrong shape: expected (2, 3), found (1, 2, 3)"),
        (EXPECTED.T, "wrong shape: expected (2, 3), found (3, 2)"),
        (np.array(1.0), "wrong shape: expected (2, 3), found ()"),
        (EXPECTED.astype(int), "wrong dtype: expected float64, found int64"),
        (EXPECTED.astype(complex), "wrong dtype"),
        (EXPECTED.astype(bool), "wrong dtype"),
        (EXPECTED.astype(np.float32), "wrong precision: expected float64, found float32"),
        (np.full((2, 3), np.nan), "NaN or infinite in 6 of 6 entries"),
        (np.full((2, 3), np.inf), "NaN or infinite in 6 of 6 entries"),
        (np.zeros((2, 3)), "wrong values in 5 of 6 entries"),
        (EXPECTED + 1e-6, "wrong values in 6 of 6 entries"),
    ],
)
def test_what_is_not_the_expected_array_fails_and_the_summary_says_how(actual, summary):
    assert summary in failure(actual).summary


def test_the_summary_holds_no_value_and_the_detail_holds_both():
    caught = failure(EXPECTED + np.array([[0, 0, 0.125], [0, 0, 0]]), name="grad")
    assert caught.summary == "grad has wrong values in 1 of 6 entries"
    assert caught.detail == (
        "first difference at grad[0, 2]: expected 3, found 3.125 (off by 0.042 relative)"
    )


def test_the_tolerance_comes_from_the_expected_side_only():
    failure(np.array([1e300]), np.array([1.0]), rtol=1.0)


def test_an_infinity_of_the_wrong_sign_or_in_the_wrong_place_fails():
    expected = np.array([np.inf, 1.0, -np.inf])
    assert_close(expected.copy(), expected)
    failure(np.array([-np.inf, 1.0, -np.inf]), expected)
    failure(np.array([np.inf, 1.0, 7.0]), expected)
    failure(np.array([np.inf, np.inf, -np.inf]), expected)


@pytest.mark.parametrize("actual", [None, True, "2.0", [2.0], np.array([2.0]), 2.1, np.nan])
def test_what_is_not_the_expected_number_fails(actual):
    failure(actual, 2.0)


def test_a_vacuous_comparison_is_the_authors_mistake():
    with pytest.raises(ValueError, match="vacuous"):
        assert_close(np.empty((0, 3)), np.empty((0, 3)))
    with pytest.raises(ValueError, match="vacuous"), assert_inputs_unchanged():
        pass
    with pytest.raises(ValueError, match="vacuous"), assert_no_warnings():
        pass


def test_a_block_inside_another_ends_without_ending_the_other_one():
    report = calls.CallReport(function="f", names=(), args=(), kwargs={})
    with calls.recorded_calls() as outer:
        with calls.recorded_calls():
            pass  # both lists are empty here, and so equal
        calls.tell(report)
    assert outer == [report]


def test_assert_equal_wants_type_and_value():
    assert_equal(np.int64(3), 3)
    assert_equal(np.bool_(True), True)
    assert_equal(None, None)
    for actual, expected in ((0, None), (None, 0), (True, 1), (3.0, 3), ([1], (1,)), (2, 3)):
        with pytest.raises(CheckFailure, match="wrong"):
            assert_equal(actual, expected)


def test_keys_and_pairs_and_requirements():
    assert_keys({"m": 1, "v": 2}, {"m", "v"})
    with pytest.raises(CheckFailure, match=r"expected \{'m', 'v'\}; \{'v'\} is missing"):
        assert_keys({"m": 1}, {"m", "v"})
    with pytest.raises(CheckFailure, match="expected dict, found list"):
        assert_keys([], {"m"})
    assert_pair((1, 2))
    with pytest.raises(CheckFailure, match="found a tuple of 3"):
        assert_pair((1, 2, 3))
    with pytest.raises(CheckFailure, match="found list"):
        assert_pair([1, 2])
    require(True, "never said")
    with pytest.raises(CheckFailure, match="one batch is missing"):
        require(False, "one batch is missing")


def test_the_numerical_gradient_of_a_coupled_cubic():
    x = np.array([[0.5, -1.5], [2.0, 0.25]])
    before = x.copy()
    gradient = estimated_gradient(lambda z: float((z**3).sum() + z[0, 0] * z[1, 1]), x)
    expected = 3 * x**2 + np.array([[x[1, 1], 0.0], [0.0, x[0, 0]]])
    np.testing.assert_allclose(gradient, expected, rtol=1e-8)
    np.testing.assert_array_equal(x, before)
