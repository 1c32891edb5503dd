"""Hints for wrong results that are known, at home: each opens only for the result it belongs to.

    tests/hints.json + what the public checks called and got -> [hints] -> Diagnosis

The file is a table of sealed boxes. Both the place of a box and its key are made from a signature
of the replies that a mistake gives in a check; whoever has not made the mistake can neither find
the box nor read it, and nothing in it tells the right result. `autograder template` writes it.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from student_kit.calls import CallReport, calls_of
from student_kit.records import Diagnosis, Status, TestRecord
from student_kit.replies import Signature, signature

FILE = "tests/hints.json"
ABOUT = "Hints for results that are wrong in a known way. Each opens only for such a result."
MOST = 3  # mistakes that are named as "one of"
_FAILED = (Status.FAILED, Status.ERRORED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a box holds: one mistake that gives this result in this check."""

    mistake: str  # id
    text: str
    checks: tuple[str, ...]  # all public checks of the question that it fails


def seal(question: str, check: str, signed: str, hints: Sequence[Hint]) -> tuple[str, str]:
    """Return (place, box) of the hints for one signature in one check."""
    place, key = _place_and_key(question, check, signed)
    data = json.dumps([dataclasses.asdict(hint) for hint in hints]).encode()
    return place, base64.b64encode(_crypt(data, key)).decode()


def diagnosed(
    folder: Path, tests: Iterable[tuple[TestRecord, Sequence[CallReport]]]
) -> list[TestRecord]:
    """Return the records, those of known wrong results with their hints.

    A mistake is named only if it is found in all checks of the question that it fails.

    Args:
        folder: the template.
        tests: the records with what each called.
    """
    pairs = list(tests)
    records = [record for record, _ in pairs]
    try:
        table = json.loads((folder / FILE).read_text(encoding="utf-8"))["checks"]
        found = [_look_up(table, record, calls) for record, calls in pairs]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return records  # no file, or not ours any more: no hints
    return _decided(records, found)


def _decided(records: Sequence[TestRecord], found: Sequence[Sequence[Hint]]) -> list[TestRecord]:
    """Return the records with those of the hints that all checks of the question agree with."""
    ran = {(record.question, record.test) for record in records}
    pairs = list(zip(records, found, strict=True))
    seen = {
        (record.question, record.test, hint.mistake) for record, hints in pairs for hint in hints
    }
    decided = []
    for record, hints in pairs:
        question = record.question
        fitting = [
            hint
            for hint in hints
            if all(
                (question, check, hint.mistake) in seen
                for check in hint.checks
                if (question, check) in ran
            )
        ]
        failed = {r.test for r in records if r.question == question and r.status in _FAILED}
        best = [hint for hint in fitting if failed <= set(hint.checks)]
        decided.append(_with_hints(record, best or fitting))
    return decided


def signature_of(question: str, calls: Sequence[CallReport]) -> Signature | None:
    """Return the signature of a test's calls of its question's function, if it called it."""
    own = [call.evidence for call in calls_of(question, calls)]
    known = [evidence for evidence in own if evidence is not None]
    return signature(known) if known and len(known) == len(own) else None


def _look_up(table: Any, record: TestRecord, calls: Sequence[CallReport]) -> list[Hint]:
    """Return the hints of the boxes that a failed check opens."""
    boxes = table.get(f"{record.question}::{record.test}", {})
    if record.status not in _FAILED or not boxes:
        return []
    signed = signature_of(record.question, calls)
    if signed is None:
        return []
    for text in (signed.replies, signed.replies_and_asks):
        place, key = _place_and_key(record.question, record.test, text)
        if place in boxes:
            items = json.loads(_crypt(base64.b64decode(boxes[place]), key))
            return [Hint(**{**item, "checks": tuple(item["checks"])}) for item in items]
    return []


def _with_hints(record: TestRecord, hints: Sequence[Hint]) -> TestRecord:
    if not 1 <= len(hints) <= MOST:
        return record
    diagnosis = dataclasses.replace(
        record.diagnosis or Diagnosis(),
        mistakes=tuple(hint.mistake for hint in hints),
        hints=tuple(hint.text for hint in hints),
    )
    return dataclasses.replace(record, diagnosis=diagnosis)


def _place_and_key(question: str, check: str, signed: str) -> tuple[str, bytes]:
    secret = f"{question}::{check}\n{signed}".encode()
    place = hashlib.sha256(b"place\n" + secret).hexdigest()[:16]
    return place, hashlib.sha256(b"key\n" + secret).digest()


def _crypt(data: bytes, key: bytes) -> bytes:
    """Encrypt or decrypt: add a stream that only the key gives."""
    stream = b"".join(
        hashlib.sha256(key + count.to_bytes(4, "big")).digest()
        for count in range(len(data) // 32 + 1)
    )
    return bytes(one ^ other for one, other in zip(data, stream, strict=False))
