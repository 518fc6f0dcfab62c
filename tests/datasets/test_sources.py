"""What holds for every data source: types, counts, parts, the same again, and the text for exported files."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from chalknet.datasets.base import MOST_STORED, DataSource, Split
from chalknet.datasets.own import Own
from chalknet.layers.base import Fault, Inputs, Layer, SetField, TensorType, registry
from chalknet.server.preview import write_npz

NOTHING = Inputs({})
DTYPES = {"float": torch.float32, "boxes": torch.float32, "index": torch.int64, "bool": torch.bool}


def flat(parts: dict[str, dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    return {f"{part}/{port}": values for part, ports in parts.items() for port, values in ports.items()}


def assert_same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> None:
    assert a.keys() == b.keys()
    for name, values in a.items():
        assert values.dtype == b[name].dtype and torch.equal(values, b[name]), name


def test_every_source_is_tried(source: DataSource) -> None:
    from tests.datasets.conftest import SETTINGS, SOURCES

    assert SETTINGS.keys() == SOURCES.keys()
    assert registry[source.type] is type(source)


def test_samples_have_the_promised_types(source: DataSource) -> None:
    """D-045: what flows has the shape that the wire says, batch by batch."""
    types = source.infer(NOTHING)
    assert list(types) == [port.name for port in source.outputs]
    for part in source.load(Split()).values():
        assert list(part) == list(types)
        for port, values in source.prepare({port: values[:4] for port, values in part.items()}).items():
            assert values.dtype == DTYPES[types[port].element]
            assert tuple(values.shape[1:]) == types[port].shape
            if types[port].element == "index":
                assert int(values.min()) >= 0 and int(values.max()) < (types[port].classes or 0)
            if types[port].element == "float":
                assert bool(values.isfinite().all())


def test_it_holds_as_many_bytes_as_it_says(parted: DataSource) -> None:
    held = sum(values.numel() * values.element_size() for values in flat(parted.load(Split(test=0))).values())
    assert held <= parted.stored() <= 1.2 * held


def test_every_part_has_its_share(parted: DataSource) -> None:
    parts = parted.load(Split(validation=0.2, test=0.3))
    counts = {part: len(next(iter(ports.values()))) for part, ports in parts.items()}
    assert counts["test"] == pytest.approx(0.3 * parted.count(), abs=5)
    assert counts["validation"] == pytest.approx(0.2 * parted.count(), abs=5)
    variants = getattr(parted, "variants", 0)
    assert counts["train"] == (parted.count() - counts["test"] - counts["validation"]) * (1 + variants)


def test_the_same_fields_and_split_give_the_same_samples(source: DataSource) -> None:
    again = type(source)(**source.model_dump())
    assert_same(flat(source.load(Split(seed=3))), flat(again.load(Split(seed=3))))


def test_another_seed_of_the_split_gives_other_test_samples(parted: DataSource) -> None:
    one, other = (next(iter(parted.load(Split(seed=seed))["test"].values())) for seed in (0, 1))
    assert one.shape == other.shape and not torch.equal(one, other)


def test_the_validation_share_leaves_the_test_samples_alone(source: DataSource) -> None:
    one, other = (source.load(Split(validation=share))["test"] for share in (0.1, 0.3))
    assert_same(one, other)


def test_names_cover_the_classes(source: DataSource) -> None:
    types = source.schema()
    targets = [kind.classes for kind in types.values() if kind.classes is not None]
    assert len(source.class_names()) == len(set(source.class_names())) == (targets[-1] if targets else 0)
    if source.sample == "tokens":
        assert len(source.token_names()) == types["tokens"].classes


def test_it_is_written_out_in_full(parted: DataSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of ``source`` makes the same samples and the same batch in a file of its own (STYLE 13), beside which
    lies what the data page hands out of the data set that it reads."""
    monkeypatch.chdir(tmp_path)
    if isinstance(parted, Own):
        with Path(parted.file()).open("wb") as file:
            write_npz(parted.data, file)
    written = parted.source(NOTHING)
    names: dict[str, Any] = {}
    for function in written.functions:
        text = "from __future__ import annotations\n" + inspect.getsource(function)
        exec(compile(text, function.__name__, "exec"), names)
    divide: Callable[..., Any] = names["divide"]
    parts = divide(eval(written.init or "", names), 0.15, 0.15, 0, "classes", parted.fill() or ("mean", []))
    assert_same(flat(parts), flat(parted.load(Split())))
    batch = {port: values[:4] for port, values in parts["train"].items()}
    ready = eval(written.call.format("batch"), names, {"batch": batch}) if written.call else batch
    assert_same(ready, parted.prepare(batch))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("shapes", {"samples": 20_000, "size": 256}),
        ("digits", {"size": 128, "variants": 16}),
        ("pictures", {"size": 224, "samples": 20_000}),
    ],
)
def test_more_than_fits_is_refused_before_it_is_made(name: str, fields: dict[str, Any]) -> None:
    layer = registry[name](**fields)
    with pytest.raises(Fault, match=r"needs \d\.\d GB for its samples; at most 1 GB fits") as refused:
        layer.infer(NOTHING)
    for remedy in refused.value.remedies:
        assert isinstance(remedy, SetField)
        smaller = type(layer)(**{**layer.model_dump(), remedy.field: remedy.value})
        assert isinstance(smaller, DataSource) and smaller.stored() <= MOST_STORED
        assert smaller.infer(NOTHING)


def test_defaults_fit() -> None:
    for layer in registry.values():
        if issubclass(layer, DataSource):
            made: Layer = layer()
            assert all(isinstance(kind, TensorType) for kind in made.infer(NOTHING).values())
            assert made.summary() and made.numbers(NOTHING, made.infer(NOTHING))
