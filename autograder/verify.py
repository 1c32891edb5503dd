"""Prove the graders of an assignment: that its tests accept what is right and nothing else.

    Assignment -> [verify: trials, oracle] -> Verification: six proofs, and who catches what

Each proof is a claim, the numbers that speak for it, and a sentence for everything that is missing.
Nothing that students wrote runs here: reference, variants, mistakes and mutants are our own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import mistakes, mutants, samples, second_opinions, trials
from autograder.assignment import Assignment
from autograder.influence import Influence
from autograder.mistakes import Mistake
from autograder.mutants import Mutant
from autograder.oracle import OracleResult
from autograder.trials import Advance, Outcomes, Trial
from student_kit.records import Status

SEEDS = 100
EXAMPLES = 100  # inputs that each oracle draws for the reference; fewer for variants
Results = Mapping[tuple[str, str], Outcomes]  # by sample and question
Evidence = Mapping[str, int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One claim about an assignment's tests, and what was found."""

    name: str  # "mistakes"
    claim: str  # "every catalogued mistake fails the tests that it names, and no others"
    evidence: Evidence
    missing: tuple[str, ...] = ()  # sentences: what contradicts the claim

    @property
    def held(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCode:
    """A mutant or a mistake before the hidden tests of one question."""

    kind: str  # "mistake" or "mutant"
    id: str
    question: str
    killers: frozenset[str]  # the tests that it does not pass
    kept: float  # share of the question's points that it still gets
    excused: str = ""  # why it is right after all: the reason in the list of equivalents


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All that is known of an assignment's tests."""

    assignment: Assignment
    proofs: tuple[Proof, ...]
    wrong: tuple[WrongCode, ...]
    tests: Mapping[str, tuple[str, ...]]  # the hidden tests of each question

    @property
    def held(self) -> bool:
        """Whether every proof holds."""
        return all(proof.held for proof in self.proofs)

    @property
    def evidence(self) -> dict[str, Evidence]:
        """The numbers of all proofs, by their names."""
        return {proof.name: proof.evidence for proof in self.proofs}

    def idle_tests(self, question: str) -> tuple[str, ...]:
        """Return the hidden tests that kill nothing which another test does not kill too."""
        killed = [code.killers for code in self.wrong if code.question == question]
        alone = {test for killers in killed if len(killers) == 1 for test in killers}
        return tuple(test for test in self.tests[question] if test not in alone)


def verify(
    assignment: Assignment,
    *,
    jobs: int = 1,
    cache: Path | None = None,
    on_progress: Advance = lambda done, total, sample: None,
) -> Verification:
    """Try to prove an assignment.

    Args:
        assignment: whose tests are judged.
        jobs: processes at a time.
        cache: a folder in which results are kept under what they follow from.
        on_progress: called with how much is done, of how much, and the latest sample.

    Raises:
        AuthorError: the catalogue, the oracles or another file is not as it must be.
        GraderError: the tests cannot be run.
    """
    plan = _Plan.of(assignment)
    wanted = [*plan.seeded, *plan.once]
    opinions = second_opinions.wanted(assignment, examples=EXAMPLES)
    total = len(wanted) + len(opinions)
    outcomes = trials.run(
        assignment,
        wanted,
        jobs=jobs,
        cache=cache,
        on_progress=lambda done, _, sample: on_progress(done, total, sample),
    )
    measured = second_opinions.ask(
        assignment,
        opinions,
        jobs=jobs,
        cache=cache,
        on_progress=lambda done, _, sample: on_progress(len(wanted) + done, total, sample),
    )
    seeded = list(zip(plan.seeded, outcomes, strict=False))
    once = list(zip(plan.once, outcomes[len(plan.seeded) :], strict=True))
    results = {(trial.sample, trial.question): found for trial, found in once}
    wrong = (*_wrong_mistakes(plan, results), *_wrong_mutants(plan, results))
    tests = {
        question.id: tuple(o.test for o in results["reference", question.id] if o.hidden)
        for question in assignment.questions
    }
    proofs = (
        _prove_ends(plan, results),
        _prove_mistakes(plan, results),
        _prove_variants(plan, results),
        _prove_mutants(plan, wrong, tests, results, jobs, cache),
        _prove_oracles(measured),
        _prove_seeds(plan, seeded),
    )
    return Verification(assignment=assignment, proofs=proofs, wrong=wrong, tests=tests)


# --- what is tried ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """All samples of an assignment, and the trials that they go through."""

    assignment: Assignment
    mistakes: tuple[Mistake, ...]
    mutants: tuple[Mutant, ...]
    equivalent: Mapping[str, str]
    variants: tuple[str, ...]
    nulls: tuple[str, ...]
    once: tuple[Trial, ...]
    seeded: tuple[Trial, ...]

    @classmethod
    def of(cls, assignment: Assignment) -> _Plan:
        """Make the samples of an assignment."""
        catalogue = mistakes.load(assignment).mistakes
        generated = mutants.mutants(assignment)
        right = {
            "reference": samples.reference_files(assignment),
            **_named("variant", samples.variant_files(assignment)),
        }
        nothing = {
            "stub": samples.stub_files(assignment),
            **_named("null", samples.null_files(assignment)),
        }
        made = {m.id: mistakes.apply(assignment, m) for m in catalogue}
        ids = [question.id for question in assignment.questions]
        influence = Influence(assignment)
        # What is wrong is tried on hidden tests alone: `hints` tries the public ones on mistakes.
        # Where a sample does nothing differently, it is the reference.
        own = {name: influence.rewritten(content) for name, content in right.items()}
        own["reference"] = ids
        once = [*_trials(right, ids, right=True), *_trials(nothing, ids)]
        for name, content in _named("mistake", made).items():
            once += _trials({name: content}, influence.touched(content), public=False)
        for mutant in generated:
            files = {f"mutant {mutant.id}": mutants.apply(assignment, mutant)}
            once += _trials(files, mutant.questions, public=False)
        seeded: list[Trial] = []
        for first in range(0, SEEDS, trials.SEEDS_PER_RUN):
            some = tuple(range(first, min(first + trials.SEEDS_PER_RUN, SEEDS)))
            for name, content in right.items():
                seeded += _trials({name: content}, own[name], right=True, seeds=some, public=False)
        for mistake in catalogue:
            seeded += _trials(
                {f"mistake {mistake.id}": made[mistake.id]},
                [mistake.question],
                seeds=tuple(range(SEEDS)),
                tests=frozenset(mistake.caught_by),
                public=False,
            )
        return cls(
            assignment=assignment,
            mistakes=catalogue,
            mutants=generated,
            equivalent=mutants.load_equivalent(assignment, generated),
            variants=tuple(name for name in right if name != "reference"),
            nulls=tuple(nothing),
            once=tuple(once),
            seeded=tuple(seeded),
        )


def _named(kind: str, files: Mapping[str, samples.Files]) -> dict[str, samples.Files]:
    return {f"{kind} {name}": content for name, content in files.items()}


def _trials(
    files: Mapping[str, samples.Files],
    questions: Iterable[str],
    *,
    right: bool = False,
    seeds: tuple[int, ...] = (0,),
    tests: frozenset[str] = frozenset(),
    public: bool = True,
) -> list[Trial]:
    return [
        Trial(
            sample=name,
            files=content,
            question=q,
            seeds=seeds,
            tests=tests,
            public=public,
            right=right,
        )
        for name, content in files.items()
        for q in questions
    ]


# --- the proofs ---------------------------------------------------------------------------------


def _prove_ends(plan: _Plan, results: Results) -> Proof:
    missing = [*_imperfect("reference", plan, results)]
    for sample in plan.nulls:
        missing += _broken(sample, results)
        missing += [
            f"{question.id}: {outcome.test} is passed by {sample}: it asserts nothing of worth"
            for question in plan.assignment.questions
            for outcome in results[sample, question.id]
            if outcome.hidden and outcome.passed
        ]
    hidden = [o for q in plan.assignment.questions for o in results["reference", q.id] if o.hidden]
    return Proof(
        name="ends",
        claim="the reference gets all points; the stub and null submissions get none",
        evidence={"hidden tests": len(hidden), "empty submissions": len(plan.nulls)},
        missing=tuple(missing),
    )


def _prove_mistakes(plan: _Plan, results: Results) -> Proof:
    missing: list[str] = []
    for mistake in plan.mistakes:
        sample = f"mistake {mistake.id}"
        missing += _broken(sample, results)
        failed = _killers(results[sample, mistake.question])
        named = frozenset(mistake.caught_by)
        missing += [f"{sample}: passes {test}, which it names" for test in sorted(named - failed)]
        missing += [
            f"{sample}: fails {test}, which it does not name" for test in sorted(failed - named)
        ]
        missing += [
            f"{sample}: costs points of {question.id}, which `also` does not name"
            for question in plan.assignment.questions
            if question.id not in (mistake.question, *mistake.also)
            and _killers(results.get((sample, question.id), ()))
        ]
    return Proof(
        name="mistakes",
        claim="every catalogued mistake fails the tests that it names, and no others",
        evidence={
            "mistakes": len(plan.mistakes),
            "questions with one": len({mistake.question for mistake in plan.mistakes}),
        },
        missing=tuple(missing),
    )


def _prove_variants(plan: _Plan, results: Results) -> Proof:
    return Proof(
        name="variants",
        claim="every correct variant gets all points",
        evidence={"variants": len(plan.variants)},
        missing=tuple(s for variant in plan.variants for s in _imperfect(variant, plan, results)),
    )


def _prove_mutants(
    plan: _Plan,
    wrong: Sequence[WrongCode],
    tests: Mapping[str, Sequence[str]],
    results: Results,
    jobs: int,
    cache: Path | None,
) -> Proof:
    killed = {code.id for code in wrong if code.kind == "mutant" and code.killers}
    alive = [m for m in plan.mutants if m.id not in killed and m.id not in plan.equivalent]
    elsewhere = _killed_elsewhere(plan, alive, jobs, cache)
    where = {mutant.id: f"{mutant.file} line {mutant.line}" for mutant in plan.mutants}
    missing = [
        f"mutant {mutant.id} ({where[mutant.id]}) is killed by no test of its question"
        + (f", only by those of {elsewhere[mutant.id]}" if elsewhere[mutant.id] else "")
        for mutant in alive
    ]
    missing += [
        f"mutant {name} ({where[name]}) is listed as equivalent, and is killed"
        for name in plan.equivalent
        if name in killed
    ]
    for mutant in plan.mutants:
        missing += _broken(f"mutant {mutant.id}", results, mutant.questions)
    lone = {t for code in wrong if len(code.killers) == 1 for t in _places(code)}
    idle = [t for question, names in tests.items() for t in names if (question, t) not in lone]
    return Proof(
        name="mutants",
        claim="every generated mutant is killed, but for the listed equivalents",
        evidence={
            "mutants": len(plan.mutants),
            "killed": len(killed),
            "equivalent": len(plan.equivalent),
            "tests that kill nothing alone": len(idle),
        },
        missing=tuple(missing),
    )


def _places(code: WrongCode) -> set[tuple[str, str]]:
    return {(code.question, test) for test in code.killers}


def _killed_elsewhere(
    plan: _Plan, alive: Sequence[Mutant], jobs: int, cache: Path | None
) -> dict[str, str]:
    """Return for each of these mutants which other questions' tests see it, as text."""
    others = {
        mutant.id: [q.id for q in plan.assignment.questions if q.id not in mutant.questions]
        for mutant in alive
    }
    wanted = [
        trial
        for mutant in alive
        for trial in _trials({mutant.id: mutants.apply(plan.assignment, mutant)}, others[mutant.id])
    ]
    found = zip(wanted, trials.run(plan.assignment, wanted, jobs=jobs, cache=cache), strict=True)
    seen = [(trial.sample, trial.question) for trial, outcomes in found if _killers(outcomes)]
    return {
        mutant.id: ", ".join(question for sample, question in seen if sample == mutant.id)
        for mutant in alive
    }


def _prove_oracles(measured: Sequence[OracleResult]) -> Proof:
    largest: dict[str, float] = {}
    for result in measured:
        largest[result.question] = max(largest.get(result.question, 0.0), result.largest_error)
    return Proof(
        name="oracles",
        claim="reference and variants agree with PyTorch or the definition",
        evidence={
            "examples": sum(result.examples for result in measured),
            **{f"largest error of {q}": _order(error) for q, error in largest.items()},
        },
        missing=tuple(
            f"{result.sample}: {result.failure}" for result in measured if result.failure
        ),
    )


def _order(error: float) -> str:
    """Return the next power of ten: the digits depend on the machine, and say nothing."""
    return f"below 1e{math.floor(math.log10(error)) + 1}" if error else "0"


def _prove_seeds(plan: _Plan, seeded: Sequence[tuple[Trial, Outcomes]]) -> Proof:
    wrong: dict[tuple[str, str, str, str], list[int]] = {}
    for trial, outcomes in seeded:
        for outcome in outcomes:
            if outcome.passed is not trial.right and not _is_skipped(outcome):
                verb = "does not pass" if trial.right else "passes"
                key = (trial.sample, verb, trial.question, outcome.test)
                wrong.setdefault(key, []).append(outcome.seed)
    return Proof(
        name="seeds",
        claim=f"all that, whatever the seed: {SEEDS} seeds for each test",
        evidence={
            "seeds": SEEDS,
            "outcomes": sum(len(outcomes) for _, outcomes in seeded),
        },
        missing=tuple(
            f"{sample} {verb} {question}: {test} with {len(seeds)} of {SEEDS} seeds, "
            f"first with seed {min(seeds)}"
            for (sample, verb, question, test), seeds in wrong.items()
        ),
    )


# --- reading outcomes ---------------------------------------------------------------------------


def _wrong_mistakes(plan: _Plan, results: Results) -> Iterator[WrongCode]:
    for mistake in plan.mistakes:
        outcomes = results[f"mistake {mistake.id}", mistake.question]
        yield WrongCode(
            kind="mistake",
            id=mistake.id,
            question=mistake.question,
            killers=_killers(outcomes),
            kept=_kept(outcomes),
        )


def _wrong_mutants(plan: _Plan, results: Results) -> Iterator[WrongCode]:
    for mutant in plan.mutants:
        for question in mutant.questions:
            outcomes = results[f"mutant {mutant.id}", question]
            yield WrongCode(
                kind="mutant",
                id=mutant.id,
                question=question,
                killers=_killers(outcomes),
                kept=_kept(outcomes),
                excused=plan.equivalent.get(mutant.id, ""),
            )


def _killers(outcomes: Outcomes) -> frozenset[str]:
    return frozenset(outcome.test for outcome in outcomes if outcome.hidden and not outcome.passed)


def _kept(outcomes: Outcomes) -> float:
    hidden = [outcome for outcome in outcomes if outcome.hidden]
    total = sum(outcome.weight for outcome in hidden)
    return sum(outcome.weight for outcome in hidden if outcome.passed) / total


def _imperfect(sample: str, plan: _Plan, results: Results) -> Iterator[str]:
    for question in plan.assignment.questions:
        for outcome in results[sample, question.id]:
            if not outcome.passed and not _is_skipped(outcome):
                yield f"{question.id}: {outcome.test} does not pass {sample}: {outcome.summary}"


def _broken(sample: str, results: Results, questions: Sequence[str] = ()) -> Iterator[str]:
    """Say which tests do not judge a sample but stumble themselves."""
    for (name, question), outcomes in (
        results.items()
        if not questions
        else (((sample, question), results[sample, question]) for question in questions)
    ):
        for outcome in outcomes if name == sample else ():
            if outcome.status is Status.BROKEN:
                yield f"{question}: {outcome.test} is broken by {sample}: {outcome.summary}"


def _is_skipped(outcome: trials.Outcome) -> bool:
    """Whether a public test needs something that is not installed here."""
    return outcome.status is Status.SKIPPED and not outcome.hidden
