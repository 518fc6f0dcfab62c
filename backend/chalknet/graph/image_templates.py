"""Library blocks for images: what the networks of the notes are built of, from LeNet's successors to MobileNet."""

from __future__ import annotations

from chalknet.graph.document import Block, Node
from chalknet.graph.template import Template, block, expose, node


def _conv_norm_activation() -> Block:
    """Convolution, batch normalisation, ReLU (Ioffe and Szegedy 2015); the normalisation has a shift of its own, so the
    convolution needs no bias."""
    nodes = {
        "x": node("block_input"),
        "conv": node("conv2d", channels=16, kernel=3, padding=1, bias=False),
        "norm": node("batch_norm2d"),
        "relu": node("relu"),
        "y": node("block_output"),
    }
    exposed = {
        "channels": expose("Channels", "channels", "conv"),
        "kernel": expose("Kernel", "kernel", "conv"),
        "stride": expose("Stride", "stride", "conv"),
        "padding": expose("Padding", "padding", "conv"),
    }
    return block("Conv, norm, ReLU", nodes, ["x > conv", "conv > norm", "norm > relu", "relu > y"], exposed)


_BASIC = ("x > conv1", "conv1 > norm1", "norm1 > relu1", "relu1 > conv2", "conv2 > norm2", "norm2 > add a")


def _residual_identity() -> Block:
    """Two 3×3 convolutions with a skip connection round them (He et al. 2016, basic block). What arrives is added as it
    is, so it must have as many channels as the block gives: 2·(9c² + 2c) parameters (L-040)."""
    nodes = {
        "x": node("block_input"),
        "conv1": node("conv2d", channels=16, kernel=3, padding=1, bias=False),
        "norm1": node("batch_norm2d"),
        "relu1": node("relu"),
        "conv2": node("conv2d", channels=16, kernel=3, padding=1, bias=False),
        "norm2": node("batch_norm2d"),
        "add": node("add"),
        "relu2": node("relu"),
        "y": node("block_output"),
    }
    exposed = {"width": expose("Channels", "channels", "conv1", "conv2")}
    return block("Residual block (same shape)", nodes, [*_BASIC, "x > add b", "add > relu2", "relu2 > y"], exposed)


def _residual() -> Block:
    """The basic block with a 1×1 convolution on the skip, which lets channels and size change (He et al. 2016)."""
    nodes = {
        "x": node("block_input"),
        "conv1": node("conv2d", channels=16, kernel=3, padding=1, bias=False),
        "norm1": node("batch_norm2d"),
        "relu1": node("relu"),
        "conv2": node("conv2d", channels=16, kernel=3, padding=1, bias=False),
        "norm2": node("batch_norm2d"),
        "skip": node("conv2d", channels=16, kernel=1, bias=False),
        "add": node("add"),
        "relu2": node("relu"),
        "y": node("block_output"),
    }
    wires = [*_BASIC, "x > skip", "skip > add b", "add > relu2", "relu2 > y"]
    exposed = {
        "channels": expose("Channels", "channels", "conv1", "conv2", "skip"),
        "stride": expose("Stride", "stride", "conv1", "skip"),
    }
    return block("Residual block", nodes, wires, exposed)


def _bottleneck(projects: bool) -> Block:
    """1×1 to fewer channels, 3×3 among those, 1×1 to many, with a skip connection (He et al. 2016; the stride on the
    3×3, as torchvision has it). From 64 to 64, 64, 256 with a projection: 75,008 parameters (L-040)."""
    nodes = {
        "x": node("block_input"),
        "conv1": node("conv2d", channels=16, kernel=1, bias=False),
        "norm1": node("batch_norm2d"),
        "relu1": node("relu"),
        "conv2": node("conv2d", channels=16, kernel=3, padding=1, bias=False),
        "norm2": node("batch_norm2d"),
        "relu2": node("relu"),
        "conv3": node("conv2d", channels=64, kernel=1, bias=False),
        "norm3": node("batch_norm2d"),
        "add": node("add"),
        "relu3": node("relu"),
        "y": node("block_output"),
    }
    wires = [
        *("x > conv1", "conv1 > norm1", "norm1 > relu1", "relu1 > conv2", "conv2 > norm2", "norm2 > relu2"),
        *("relu2 > conv3", "conv3 > norm3", "norm3 > add a", "add > relu3", "relu3 > y"),
    ]
    inner = expose("Inner channels", "channels", "conv1", "conv2")
    if not projects:
        exposed = {"width": expose("Channels", "channels", "conv3"), "inner": inner}
        return block("Bottleneck block (same shape)", nodes, [*wires, "x > add b"], exposed)
    nodes["skip"] = node("conv2d", channels=64, kernel=1, bias=False)
    nodes["norm_skip"] = node("batch_norm2d")
    exposed = {
        "channels": expose("Channels", "channels", "conv3", "skip"),
        "inner": inner,
        "stride": expose("Stride", "stride", "conv2", "skip"),
    }
    return block("Bottleneck block", nodes, [*wires, "x > skip", "skip > norm_skip", "norm_skip > add b"], exposed)


def _inception() -> Block:
    """Four branches side by side: 1×1, 3×3 and 5×5 behind a narrow 1×1, and pooling (Szegedy et al. 2015). With the
    widths of GoogLeNet's 3a it takes 192 channels to 256 with 163,696 parameters (L-041)."""
    nodes = {
        "x": node("block_input"),
        "one": node("conv2d", channels=64, kernel=1),
        "three_in": node("conv2d", channels=96, kernel=1),
        "three": node("conv2d", channels=128, kernel=3, padding=1),
        "five_in": node("conv2d", channels=16, kernel=1),
        "five": node("conv2d", channels=32, kernel=5, padding=2),
        "pool": node("max_pool2d", kernel=3, stride=1, padding=1),
        "pooled": node("conv2d", channels=32, kernel=1),
        "concat": node("concat"),
        "y": node("block_output"),
    }
    wires = ["x > one", "x > three_in", "x > five_in", "x > pool", "pool > pooled", "concat > y"]
    for conv in ("one", "three_in", "three", "five_in", "five", "pooled"):
        nodes[f"{conv}_relu"] = node("relu")
        wires.append(f"{conv} > {conv}_relu")
    wires += ["three_in_relu > three", "five_in_relu > five"]
    wires += ["one_relu > concat a", "three_relu > concat b", "five_relu > concat c", "pooled_relu > concat d"]
    exposed = {
        "one": expose("1×1 channels", "channels", "one"),
        "three_in": expose("Before the 3×3", "channels", "three_in"),
        "three": expose("3×3 channels", "channels", "three"),
        "five_in": expose("Before the 5×5", "channels", "five_in"),
        "five": expose("5×5 channels", "channels", "five"),
        "pooled": expose("Behind the pool", "channels", "pooled"),
    }
    return block("Inception module", nodes, wires, exposed)


def _dense_layer() -> Block:
    """One layer of a dense block: what arrives and ``growth`` new channels made from all of it, by a 1×1 to four times
    as many and a 3×3 (Huang et al. 2017, DenseNet-B). Repeated, each copy sees the maps of all before it (L-042)."""
    nodes = {
        "x": node("block_input"),
        "norm1": node("batch_norm2d"),
        "relu1": node("relu"),
        "conv1": node("conv2d", channels=48, kernel=1, bias=False),
        "norm2": node("batch_norm2d"),
        "relu2": node("relu"),
        "conv2": node("conv2d", channels=12, kernel=3, padding=1, bias=False),
        "concat": node("concat"),
        "y": node("block_output"),
    }
    wires = [
        *("x > norm1", "norm1 > relu1", "relu1 > conv1", "conv1 > norm2", "norm2 > relu2", "relu2 > conv2"),
        *("x > concat a", "conv2 > concat b", "concat > y"),
    ]
    exposed = {
        "growth": expose("Growth rate", "channels", "conv2"),
        "inner": expose("Inner channels", "channels", "conv1"),
    }
    return block("Dense block", nodes, wires, exposed)


def _transition() -> Block:
    """Between two dense blocks: a 1×1 convolution to fewer channels and a mean over 2×2 (Huang et al. 2017)."""
    nodes = {
        "x": node("block_input"),
        "norm": node("batch_norm2d"),
        "relu": node("relu"),
        "conv": node("conv2d", channels=16, kernel=1, bias=False),
        "pool": node("avg_pool2d", kernel=2, stride=2),
        "y": node("block_output"),
    }
    exposed = {"channels": expose("Channels", "channels", "conv")}
    wires = ["x > norm", "norm > relu", "relu > conv", "conv > pool", "pool > y"]
    return block("Transition", nodes, wires, exposed)


def _depthwise_separable() -> Block:
    """A 3×3 for every channel alone, then a 1×1 that mixes them (Howard et al. 2017): 9c + c·d weights in place of
    9·c·d."""
    nodes = {
        "x": node("block_input"),
        "depthwise": node("conv2d", channels=16, kernel=3, padding=1, groups=16, bias=False),
        "norm1": node("batch_norm2d"),
        "relu1": node("relu"),
        "pointwise": node("conv2d", channels=32, kernel=1, bias=False),
        "norm2": node("batch_norm2d"),
        "relu2": node("relu"),
        "y": node("block_output"),
    }
    wires = [
        *("x > depthwise", "depthwise > norm1", "norm1 > relu1", "relu1 > pointwise", "pointwise > norm2"),
        *("norm2 > relu2", "relu2 > y"),
    ]
    exposed = {
        "width": expose("Channels that arrive", "channels", "depthwise", "depthwise.groups"),
        "channels": expose("Channels", "channels", "pointwise"),
        "stride": expose("Stride", "stride", "depthwise"),
    }
    return block("Depthwise separable convolution", nodes, wires, exposed)


def _squeeze_excite() -> Block:
    """A factor between 0 and 1 for every channel, from the mean of every channel (Hu et al. 2018): 2·c·s + c + s
    parameters where c channels are squeezed to s."""
    nodes = {
        "x": node("block_input"),
        "mean": node("global_avg_pool"),
        "squeeze": node("linear", units=4),
        "relu": node("relu"),
        "excite": node("linear", units=16),
        "gate": node("sigmoid"),
        "scaled": node("multiply"),
        "y": node("block_output"),
    }
    wires = [
        *("x > mean", "mean > squeeze", "squeeze > relu", "relu > excite", "excite > gate"),
        *("x > scaled a", "gate > scaled b", "scaled > y"),
    ]
    exposed = {
        "width": expose("Channels", "units", "excite"),
        "squeezed": expose("Squeezed to", "units", "squeeze"),
    }
    return block("Squeeze and excite", nodes, wires, exposed)


def _template(type: str, sentence: str, icon: str, made: Block, *aliases: str, times: int = 1) -> Template:
    instance = Node(type="block", block=type, mode="repeat" if times > 1 else "once", times=times)
    return Template(type, made.title, sentence, icon, made, instance, aliases)


IMAGE_TEMPLATES: tuple[Template, ...] = (
    _template(
        "conv_norm_activation",
        "Convolution, batch normalisation and ReLU in one piece (Ioffe and Szegedy 2015).",
        "blocks",
        _conv_norm_activation(),
        *("conv bn relu", "convolution block", "batch norm"),
    ),
    _template(
        "residual_identity",
        "Two convolutions learn what to add to their input, which goes past them unchanged (He et al. 2016).",
        "git-merge",
        _residual_identity(),
        *("resnet", "skip connection", "basic block", "identity"),
    ),
    _template(
        "residual",
        "Two convolutions learn what to add to their input, which a 1×1 convolution brings to their shape.",
        "git-merge",
        _residual(),
        *("resnet", "skip connection", "basic block", "projection"),
    ),
    _template(
        "bottleneck_identity",
        "A residual block that computes among few channels: narrow, convolve, widen (He et al. 2016).",
        "git-merge",
        _bottleneck(projects=False),
        *("resnet-50", "skip connection", "identity"),
    ),
    _template(
        "bottleneck",
        "The bottleneck with a 1×1 convolution on its skip connection, so that channels and size may change.",
        "git-merge",
        _bottleneck(projects=True),
        *("resnet-50", "skip connection", "projection"),
    ),
    _template(
        "inception",
        "Looks through windows of several sizes at once and puts what they see side by side (Szegedy et al. 2015).",
        "layout-grid",
        _inception(),
        *("googlenet", "branches", "multi-scale"),
    ),
    _template(
        "dense_block",
        "Every layer sees the maps of all before it and adds a few of its own (Huang et al. 2017).",
        "layers",
        _dense_layer(),
        *("densenet", "growth rate", "dense layer"),
        times=4,
    ),
    _template(
        "transition",
        "Fewer channels and half the size, between two dense blocks (Huang et al. 2017).",
        "chevrons-down",
        _transition(),
        *("densenet", "downsample", "compression"),
    ),
    _template(
        "depthwise_separable",
        "Convolves every channel alone, then mixes them: a fraction of a convolution's cost (Howard et al. 2017).",
        "split",
        _depthwise_separable(),
        *("mobilenet", "depthwise", "pointwise", "separable"),
    ),
    _template(
        "squeeze_excite",
        "Turns every channel up or down, by what all of them hold on average (Hu et al. 2018).",
        "sliders-horizontal",
        _squeeze_excite(),
        *("se block", "channel attention", "gate"),
    ),
)
