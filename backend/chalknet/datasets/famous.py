"""Data sets that are known by name and fetched from where they are published: MNIST, Fashion-MNIST, CIFAR-10 (D-003,
D-004)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    name: str
    md5: str
    """As it is published."""
    size: int
    """Bytes."""


@dataclass(frozen=True)
class Famous:
    title: str
    sentence: str
    bases: tuple[str, ...]
    """Addresses that the files' names are added to, tried in this order."""
    files: tuple[File, ...]
    count: int
    classes: tuple[str, ...] = ()
    """Their names, where the files number them."""


def _idx(*of: tuple[str, int]) -> tuple[File, ...]:
    names = (
        *("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
        *("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
    )
    return tuple(File(name, md5, size) for name, (md5, size) in zip(names, of, strict=True))


SETS: dict[str, Famous] = {
    "mnist": Famous(
        "MNIST",
        "70,000 digits written by hand, 28×28, grey (LeCun, Cortes, Burges 1998).",
        ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
        _idx(
            ("f68b3c2dcbeaaa9fbdd348bbdeb94873", 9_912_422),
            ("d53e105ee54ea40749a09fcbcd1e9432", 28_881),
            ("9fb629c4189551a2d022fa330f9573f3", 1_648_877),
            ("ec29112dd5afa0611ce80d1b7f02629c", 4_542),
        ),
        70_000,
    ),
    "fashion-mnist": Famous(
        "Fashion-MNIST",
        "70,000 pictures of ten kinds of clothes, 28×28, grey (Xiao, Rasul, Vollgraf 2017).",
        ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        _idx(
            ("8d4fb7e6c68d591d4c3dfef9ec88bf0d", 26_421_880),
            ("25c81989df183df01b3e8a0aad5dffbe", 29_515),
            ("bef4ecab320f06d8554ea6380940ec79", 4_422_102),
            ("bb300cfdad3c16e7a12a480ee83cd310", 5_148),
        ),
        70_000,
        ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
    ),
    "cifar-10": Famous(
        "CIFAR-10",
        "60,000 photos of ten kinds of things, 32×32, in colour (Krizhevsky 2009).",
        ("https://www.cs.toronto.edu/~kriz/",),
        (File("cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530", 170_052_171),),
        60_000,
    ),
}
