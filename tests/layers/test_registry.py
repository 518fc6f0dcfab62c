"""What every layer says of itself, and that saying it costs no torch."""

from __future__ import annotations

import subprocess
import sys

from chalknet.layers.base import Layer, Loss, registry

CONTRACT = {
    "dense": {"linear"},
    "combine": {"add", "subtract", "multiply", "divide", "maximum", "minimum", "concat", "stack", "split", "matmul"},
    "arithmetic": {"scale", "clamp", "exp", "ln", "sqrt", "power", "abs", "reduce", "formula"},
    "shape": {"flatten", "reshape", "permute", "transpose", "slice", "position", "identity"},
    "convolution": {"conv1d", "conv2d"},
    "pooling": {"max_pool2d", "avg_pool2d", "global_avg_pool"},
    "activation": {"sigmoid", "tanh", "relu", "leaky_relu", "relu6", "softmax", "prelu", "gelu", "silu"},
    "normalisation": {"batch_norm1d", "batch_norm2d", "layer_norm", "dropout"},
    "attention": {"embedding", "positional_encoding", "attention"},
    "head": {"yolo_head"},
    "loss": {
        "cross_entropy",
        "bce",
        "hinge",
        "mse",
        "half_squared",
        "mae",
        "huber",
        "focal",
        "dice",
        "yolo_loss",
        "l1_activity",
        "kl_sparsity",
        "minimise",
    },
    "block": {"block_input", "block_output"},
}


def test_every_family_has_its_layers() -> None:
    """The layers of the first board; their catalogue rows stand at the tests of each."""
    for family, types in CONTRACT.items():
        assert types <= {name for name, cls in registry.items() if cls.family == family}


def test_no_layer_imports_torch() -> None:
    """Rules are plain Python: importing all layers and asking each what it is brings no torch in."""
    code = (
        "import sys; import chalknet.layers; from chalknet.layers.base import registry, Inputs, image; "
        "registry['conv2d']().infer(Inputs({'x': [image(3, 32, 32)]})); "
        "[cls.model_json_schema() for cls in registry.values()]; "
        "print(sorted(m for m in ('torch', 'numpy', 'sklearn') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_field_can_be_drawn_as_a_form() -> None:
    """Title and help stand at every field; numbers have bounds."""
    for name, cls in registry.items():
        assert not set(cls.model_fields) & {"type", "title", "width", "inputs", "outputs"}, name
        for field, schema in cls.model_json_schema()["properties"].items():
            assert schema.get("title") and schema.get("description"), f"{name}.{field}"
            if schema.get("type") in ("integer", "number"):
                assert {"minimum", "exclusiveMinimum"} & set(schema), f"{name}.{field} has no lower bound"
                assert {"maximum", "exclusiveMaximum"} & set(schema), f"{name}.{field} has no upper bound"
            if schema.get("kind") == "size":
                assert schema["minimum"] <= schema["maximum"], f"{name}.{field}"


def test_default_settings_are_valid() -> None:
    for cls in registry.values():
        assert cls() == cls.model_validate(cls().model_dump(mode="json"))


def test_the_width_is_a_field() -> None:
    for name, cls in registry.items():
        assert cls.width is None or cls.width in cls.model_fields, name
        assert not (cls.width and cls.keeps_width), f"{name} cannot both keep and decide its width"


def test_losses_are_scalars() -> None:
    losses = {name for name, cls in registry.items() if issubclass(cls, Loss)}
    assert losses == CONTRACT["loss"]


def test_formulas_are_balanced(layer_type: str) -> None:
    cls: type[Layer] = registry[layer_type]
    for left, right in ("{}", "()"):
        assert cls.formula.count(left) == cls.formula.count(right), cls.formula
    assert cls.formula.count(r"\begin") == cls.formula.count(r"\end")


def test_numbers_are_balanced(layer_type: str, accepted: list) -> None:
    """The substituted formulas are KaTeX that closes what it opens."""
    for draw in accepted:
        text = draw.layer.numbers(draw.inputs, draw.outputs)
        assert text.count("{") == text.count("}") and text.count(r"\left") == text.count(r"\right"), text
        assert text.count(r"\begin") == text.count(r"\end"), text
        assert len(draw.layer.summary()) <= 40
