"""The layers that confine a worker, whether they hold, and the level that they add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Layer(str, Enum):
    """One independent way of confining a worker, in the order in which they are applied."""

    NAMESPACES = "namespaces"  # around the zygote: bubblewrap
    LIMITS = "limits"
    UID = "uid"
    PRIVILEGES = "privileges"
    LANDLOCK = "landlock"
    SECCOMP = "seccomp"


class Level(str, Enum):
    """How well student code is confined, all in all."""

    STRONG = "strong"  # other uid, files allow-listed, system calls filtered
    GOOD = "good"  # hidden files and other processes are out of reach
    WEAK = "weak"  # values only: points cannot be forged, hidden files may be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What became of one layer, as the worker that applied it reports."""

    layer: Layer
    held: bool
    detail: str  # what is in force, or why it is not

    def __str__(self) -> str:
        return f"{self.layer.value}: {'' if self.held else 'not in force, '}{self.detail}"

    def to_json(self) -> dict[str, Any]:
        """Return a dict of JSON types."""
        return {"layer": self.layer.value, "held": self.held, "detail": self.detail}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Fact:
        """Return the fact that `to_json` wrote."""
        return cls(layer=Layer(fields["layer"]), held=fields["held"], detail=fields["detail"])


def level(facts: Iterable[Fact]) -> Level:
    """Return the level of a worker in which these layers hold.

    A private uid without Landlock is GOOD only where folders with secrets are closed to others;
    `doctor` looks at these.
    """
    held = {fact.layer for fact in facts if fact.held}
    if {Layer.UID, Layer.LANDLOCK, Layer.SECCOMP} <= held:
        return Level.STRONG
    files = held & {Layer.UID, Layer.LANDLOCK, Layer.NAMESPACES}
    return Level.GOOD if files and Layer.SECCOMP in held else Level.WEAK
