"""Compare a reference, or a correct variant, with a second opinion on inputs drawn at random.

    Assignment + solutions/<hw>/oracles/<file>.py -> [oracle] -> OracleResult... per question

An oracle knows the right values from elsewhere: from PyTorch, from central differences, from the
definition in loops. There is one function for each question, of the question's name, in the file
that is named after the submitted one:

    def adam_step(optim, draw):          # the module under judgement, and where inputs come from
        ...
        yield Comparison("theta after step 3", found, expected)

Hypothesis draws the inputs and, where something differs, looks for the smallest that show it.

**How far apart** two numbers are is measured as the hidden tests measure it: the error is
`|found - expected| / (|expected| + ATOL / RTOL)`, entry by entry, so "at most RTOL" is exactly
what `assert_close` asks for. No error may be larger than the tolerance of the hidden tests divided
by `MARGIN`. So two correct ways to compute a value cannot come near the tolerance, and the
tolerance is not guessed.

Hypothesis is imported where it is used, and PyTorch by the oracles alone: grading needs neither.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import inspect
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.assignment import Assignment
from autograder.errors import AuthorError
from autograder.samples import Files, reference_files, variant_files
from student_kit.checks import ATOL, RTOL, assert_close, assert_equal, short

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

MARGIN = 100.0  # between the largest error of correct code and the tolerance of the hidden tests


@dataclass(frozen=True, slots=True)
class Comparison:
    """One value of the module under judgement beside the oracle's.

    A float or an array of floats may differ a little; everything else must be equal.
    """

    what: str  # "theta after step 3"
    found: Any
    expected: Any
    rtol: float = RTOL  # of the hidden tests that compare this value, if they say otherwise


@dataclass(frozen=True, slots=True)
class Approximation:
    """A comparison with an oracle that has an error of its own, such as central differences.

    It must be as close as `rtol` says, and says nothing about the tolerance of the hidden tests.
    """

    what: str
    found: Any
    expected: Any
    rtol: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Oracle:
    """The second opinion on one question."""

    question: str
    file: str  # "optim.py": where the question's function is
    path: Path  # solutions/<hw>/oracles/optim.py
    compare: Callable[[ModuleType, Draw], Iterator[Comparison | Approximation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleResult:
    """What the oracle of one question says of one correct solution."""

    question: str
    sample: str  # "reference", or a variant: "optim_loops"
    examples: int  # how many inputs were tried
    largest_error: float  # of the comparison that came nearest to its tolerance
    tolerance: float  # of the hidden tests, for that comparison
    failure: str = ""  # a sentence; empty if the two agree


class Draw:
    """Where an oracle gets its inputs: drawn by Hypothesis, and remembered by name.

    Each method takes the name first: a failure is told with the inputs that show it. Hypothesis
    looks for small ones, so put the simplest choice first.

    Args:
        draw: draws a value from a Hypothesis strategy.
    """

    def __init__(self, draw: Callable[[SearchStrategy[Any]], Any]) -> None:
        self._draw = draw
        self.drawn: dict[str, Any] = {}

    def __call__(self, name: str, strategy: SearchStrategy[Any]) -> Any:
        """Draw from any strategy of Hypothesis."""
        self.drawn[name] = self._draw(strategy)
        return self.drawn[name]

    def integer(self, name: str, low: int, high: int) -> int:
        """Draw an integer, low <= value <= high; the bounds come often."""
        from hypothesis import strategies as st

        return int(self(name, st.integers(low, high)))

    def number(self, name: str, low: float, high: float) -> float:
        """Draw a float, low <= value <= high; the bounds come often."""
        from hypothesis import strategies as st

        return float(self(name, st.floats(low, high, allow_subnormal=False)))

    def choice(self, name: str, *options: Any) -> Any:
        """Draw one of the options."""
        from hypothesis import strategies as st

        return self(name, st.sampled_from(options))

    def rng(self, name: str) -> np.random.Generator:
        """Draw a random generator; its seed is what a failure tells."""
        return np.random.default_rng(self.integer(name, 0, 2**32 - 1))

    def array(
        self, name: str, *shape: int, decades: float = 0.0, integer: bool = False
    ) -> np.ndarray:
        """Draw an array: small whole numbers (so zeros, ties, no rounding), or normal ones.

        Args:
            name: what a failure calls it.
            shape: its shape.
            decades: normal numbers get a scale for each index of the last axis, 10**u with u
                uniform between -decades and decades.
            integer: whether the dtype is int64, and not float64; the numbers are whole then.
        """
        from hypothesis import strategies as st

        rng = np.random.default_rng(self._draw(st.integers(0, 2**32 - 1)))
        whole = integer or not self._draw(st.booleans())
        array: np.ndarray = rng.integers(-3, 4, size=shape)
        if not whole:
            scale = 10.0 ** rng.uniform(-decades, decades, size=shape[-1:])
            array = rng.standard_normal(shape) * scale
        array = array if integer else array.astype(float)
        self.drawn[name] = array.copy()  # a function may write into the other one
        return array

    def __str__(self) -> str:
        return ", ".join(f"{name} = {_told(value)}" for name, value in self.drawn.items())


def check(assignment: Assignment, *, examples: int, seed: int = 0) -> Iterator[OracleResult]:
    """Yield what each question's oracle says of the reference, then of each correct variant.

    Args:
        assignment: what to judge.
        examples: how many inputs to draw for each question and solution.
        seed: equal seeds draw equal inputs.

    Raises:
        AuthorError: a question has no oracle, or its oracle compares nothing.
    """
    oracles = load(assignment)
    samples = {"reference": reference_files(assignment), **variant_files(assignment)}
    for sample, files in samples.items():
        modules = load_modules(assignment, files)
        for oracle in oracles.values():
            yield run(oracle, modules[oracle.file], sample=sample, examples=examples, seed=seed)


def run(
    oracle: Oracle,
    module: ModuleType,
    *,
    sample: str = "reference",
    examples: int,
    seed: int = 0,
    shrink: bool = True,
) -> OracleResult:
    """Ask one oracle about one module.

    Args:
        oracle: of the question.
        module: what `load_modules` made of the oracle's file.
        sample: what the module is called in the result.
        examples: how many inputs to draw; fewer if there are no more.
        seed: equal seeds draw equal inputs.
        shrink: whether to look for the smallest inputs that show a failure, which takes a while.

    Raises:
        AuthorError: the oracle compared nothing.
    """
    seen = _Seen()
    failure = ""
    try:
        _try_examples(oracle, module, seen, examples=examples, seed=seed, shrink=shrink)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong with these inputs is told
        # the last inputs are those that Hypothesis settled on
        failure = f"{oracle.file}: {oracle.question}: {_problem(error)}; with {seen.draw}"
    if not failure and not seen.comparisons:
        raise AuthorError(
            oracle.path,
            f"the oracle of {oracle.question} compares nothing",
            expected="yield Comparison(what, found, expected)",
            found=f"nothing in {seen.examples} examples",
            fix="compare what the function returns",
        )
    return OracleResult(
        question=oracle.question,
        sample=sample,
        examples=seen.examples,
        largest_error=seen.largest_error,
        tolerance=seen.tolerance,
        failure=failure,
    )


def load(assignment: Assignment) -> dict[str, Oracle]:
    """Load the oracle of every question, by id, in their order.

    Raises:
        AuthorError: a question has none.
    """
    folder = assignment.private / "oracles"
    files = dict.fromkeys(question.file for question in assignment.questions)
    with _importing(folder, assignment):
        modules = {file: _load_oracles(folder / file) for file in files}
    return {
        question.id: Oracle(
            question=question.id,
            file=question.file,
            path=folder / question.file,
            compare=_function(modules[question.file], question.id, folder / question.file),
        )
        for question in assignment.questions
    }


def _function(module: ModuleType, question_id: str, path: Path) -> Callable[..., Any]:
    """Return a question's oracle; a function of this name that is imported there is none."""
    own: dict[str, Callable[..., Any]] = {
        name: value
        for name, value in vars(module).items()
        if inspect.isgeneratorfunction(value) and value.__module__ == module.__name__
    }
    if question_id not in own:
        close = difflib.get_close_matches(question_id, own, n=3)
        raise AuthorError(
            path,
            f"question {question_id!r} has no oracle",
            expected=f"def {question_id}({path.stem}, draw), which yields Comparison(...)",
            found=", ".join(close) or "no generator function of such a name",
            fix="write that function",
        )
    return own[question_id]


def load_modules(assignment: Assignment, files: Files) -> dict[str, ModuleType]:
    """Import a solution of our own, as `samples` makes them; file name -> module.

    The modules find each other and the assignment's public modules by name while they are
    imported, and leave nothing in `sys.modules`.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        with _importing(folder, assignment):
            return {file: importlib.import_module(Path(file).stem) for file in files}


@dataclass(slots=True)
class _Seen:
    """What has come up while the examples of one question ran."""

    draw: Draw | None = None  # of the latest example
    examples: int = 0
    comparisons: int = 0
    largest_error: float = 0.0
    tolerance: float = RTOL

    def add(self, comparison: Comparison | Approximation) -> None:
        """Count one comparison; CheckFailure if its values differ."""
        self.comparisons += 1
        measured = isinstance(comparison, Comparison)
        bound = comparison.rtol / MARGIN if measured else comparison.rtol
        error = _error(comparison, bound)
        if measured and error / comparison.rtol > self.largest_error / self.tolerance:
            self.largest_error, self.tolerance = error, comparison.rtol


def _try_examples(
    oracle: Oracle, module: ModuleType, seen: _Seen, *, examples: int, seed: int, shrink: bool
) -> None:
    """Run the oracle on examples drawn by Hypothesis; raises what the smallest failing one does."""
    import hypothesis
    from hypothesis import strategies as st

    generate, shrinking = hypothesis.Phase.generate, hypothesis.Phase.shrink

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        phases=[generate, shrinking] if shrink else [generate],
        database=None,
        deadline=None,
        derandomize=False,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(st.data())
    def example(data: st.DataObject) -> None:
        seen.draw = Draw(data.draw)
        for comparison in oracle.compare(module, seen.draw):
            seen.add(comparison)
        seen.examples += 1

    example()


def _error(comparison: Comparison | Approximation, bound: float) -> float:
    """Return the largest error of a comparison; CheckFailure if it is larger than `bound`."""
    found, expected = comparison.found, comparison.expected
    is_array = isinstance(expected, np.ndarray)
    if not is_array and not isinstance(expected, float):
        assert_equal(found, expected, name=comparison.what)
        return 0.0
    if is_array and expected.dtype.kind not in "fc":
        bound = 0.0
    assert_close(found, expected, rtol=bound, atol=bound * ATOL / RTOL, name=comparison.what)
    finite = np.isfinite(expected)
    distance = np.abs(np.subtract(found, expected, where=finite, out=np.zeros(np.shape(expected))))
    return float(np.max(distance / (np.abs(np.where(finite, expected, 0.0)) + ATOL / RTOL)))


def _problem(error: Exception) -> str:
    """Return what is wrong, on one line."""
    text = "; ".join(line.strip() for line in str(error).splitlines() if line.strip())
    return text if isinstance(error, AssertionError) else f"{type(error).__name__}: {text}"


def _told(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.size <= 8:
        return " ".join(np.array2string(value, precision=4, separator=", ").split())
    return f"{value:.4g}" if isinstance(value, float) else short(value)


def _load_oracles(path: Path) -> ModuleType:
    if not path.is_file():
        raise AuthorError(
            path,
            "there is nothing to compare the reference with",
            expected="one function for each question of the file",
            found="no such file",
            fix="write it; docs/authoring.md says how",
        )
    spec = importlib.util.spec_from_file_location(f"oracles_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def _importing(folder: Path, assignment: Assignment) -> Iterator[None]:
    """Let modules of a folder and the assignment's public ones be imported inside the block."""
    folders = [folder, assignment.public]
    own = {path.stem for place in folders for path in place.glob("*.py")}
    before = {name: sys.modules.pop(name) for name in own if name in sys.modules}
    sys.path[:0] = map(str, folders)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        for place in folders:
            sys.path.remove(str(place))
        for name in own:
            sys.modules.pop(name, None)
        sys.modules.update(before)
