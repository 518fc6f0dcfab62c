"""Pictures and rows changed at random, a whole batch at once on its device; the texts stand alone, because exported
files carry them.

Every function takes a batch (``image`` float [n, C, H, W], and ``boxes`` float [n, N, 5] where there are any: class,
−1 for none, centre x and y, width, height relative to the picture), leaves it as it is, and gives a new one. Random
numbers come from ``generator``, which is on the batch's device, or from torch's own. Boxes go where their things go;
one of which less than a quarter is left in the picture is taken out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def flipped(
    batch: dict[str, Tensor], across: float, down: float, generator: torch.Generator | None = None
) -> dict[str, Tensor]:
    """Mirrors pictures left to right with probability ``across``, and top to bottom with ``down``."""
    import torch

    image = batch["image"]
    drawn = torch.rand((2, len(image)), generator=generator, device=image.device)
    turned, upset = drawn[0] < across, drawn[1] < down
    image = torch.where(turned[:, None, None, None], image.flip(3), image)
    image = torch.where(upset[:, None, None, None], image.flip(2), image)
    made = {**batch, "image": image}
    if "boxes" in batch:
        boxes = batch["boxes"].clone()
        there = boxes[..., 0] >= 0
        boxes[..., 1] = torch.where(turned[:, None] & there, 1 - boxes[..., 1], boxes[..., 1])
        boxes[..., 2] = torch.where(upset[:, None] & there, 1 - boxes[..., 2], boxes[..., 2])
        made["boxes"] = boxes
    return made


def kept_boxes(boxes: Tensor, left: Tensor, top: Tensor, right: Tensor, bottom: Tensor) -> Tensor:
    """Boxes at other places, [n, N] each, cut at the picture's border; those of which less than a quarter is left are
    none any more, and stand last."""
    import torch

    area = (right - left) * (bottom - top)
    left, top, right, bottom = (side.clamp(0, 1) for side in (left, top, right, bottom))
    width, height = right - left, bottom - top
    kept = (boxes[..., 0] >= 0) & (width * height > 0) & (width * height >= 0.25 * area)
    found = torch.stack([boxes[..., 0], (left + right) / 2, (top + bottom) / 2, width, height], -1)
    none = torch.zeros_like(found)
    none[..., 0] = -1
    found = torch.where(kept[..., None], found, none)
    order = torch.sort((~kept).byte(), dim=1, stable=True).indices
    return found.gather(1, order[..., None].expand_as(found))


def shifted(
    batch: dict[str, Tensor], pixels: int, outside: str, generator: torch.Generator | None = None
) -> dict[str, Tensor]:
    """Moves pictures by whole pixels, at most ``pixels`` either way: what a random crop of a padded picture is.
    ``outside`` is filled with the border's pixels (edge) or with the picture mirrored (mirror)."""
    import torch

    image = batch["image"]
    count, _, height, width = image.shape
    drawn = torch.rand((2, count), generator=generator, device=image.device)
    down, right = ((2 * pixels + 1) * drawn).long().clamp(max=2 * pixels) - pixels
    for axis, size, by in ((2, height, down), (3, width, right)):
        place = torch.arange(size, device=image.device) - by[:, None]
        if outside == "mirror":
            place = (size - 1) - ((size - 1) - place.abs()).abs()
        place = place.clamp(0, size - 1)
        place = place[:, None, :, None] if axis == 2 else place[:, None, None, :]
        image = image.gather(axis, place.expand(image.shape))
    made = {**batch, "image": image}
    if "boxes" in batch:
        _, x, y, w, h = (boxes := batch["boxes"]).unbind(-1)
        x, y = x + right[:, None] / width, y + down[:, None] / height
        made["boxes"] = kept_boxes(boxes, x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    return made


def resampled(batch: dict[str, Tensor], forward: Tensor, outside: str) -> dict[str, Tensor]:
    """Pictures mapped by ``forward`` [n, 2, 3], from where a pixel is to where it goes, in pixels from the middle, x
    first; between pixels linearly."""
    import torch
    from torch.nn.functional import affine_grid, grid_sample

    image = batch["image"]
    half = torch.tensor([image.shape[3] / 2, image.shape[2] / 2], device=image.device)
    turn, move = forward[:, :, :2], forward[:, :, 2:]
    (a, b), (c, d) = turn.unbind(1)[0].unbind(1), turn.unbind(1)[1].unbind(1)
    back = torch.stack([torch.stack([d, -b], 1), torch.stack([-c, a], 1)], 1) / (a * d - b * c)[:, None, None]
    # The grid speaks of −1 to 1 on either axis.
    theta = torch.cat([back * half / half[:, None], -(back @ move) / half[:, None]], 2)
    grid = affine_grid(theta, list(image.shape), align_corners=False)
    padding = "reflection" if outside == "mirror" else "border"
    made = {**batch, "image": grid_sample(image, grid, padding_mode=padding, align_corners=False)}
    if "boxes" in batch:
        _, x, y, w, h = (boxes := batch["boxes"]).unbind(-1)
        middle = (torch.stack([x, y], -1) * 2 - 1) * half
        reach = torch.stack([w, h], -1) * half
        # The box around a turned box: each half side reaches as far as its shadows on both axes together.
        middle, reach = middle @ turn.mT + move.mT, reach @ turn.abs().mT
        low, high = ((middle - reach) / half + 1) / 2, ((middle + reach) / half + 1) / 2
        made["boxes"] = kept_boxes(boxes, low[..., 0], low[..., 1], high[..., 0], high[..., 1])
    return made


def turned(
    batch: dict[str, Tensor],
    degrees: float,
    smallest: float,
    largest: float,
    slant: float,
    outside: str,
    generator: torch.Generator | None = None,
) -> dict[str, Tensor]:
    """Turns pictures about their middle by up to ``degrees`` either way, enlarges them by a factor from ``smallest`` to
    ``largest``, and slants them by up to ``slant`` degrees; all at once, so that they are blurred once."""
    import torch

    image = batch["image"]
    drawn = torch.rand((3, len(image)), generator=generator, device=image.device)
    angle = torch.deg2rad(degrees * (2 * drawn[0] - 1))
    factor = smallest + (largest - smallest) * drawn[1]
    lean = torch.tan(torch.deg2rad(slant * (2 * drawn[2] - 1)))
    cos, sin, zero = factor * angle.cos(), factor * angle.sin(), torch.zeros_like(angle)
    # Slanted first, then turned and enlarged.
    rows = [torch.stack([cos, cos * lean - sin, zero], 1), torch.stack([sin, sin * lean + cos, zero], 1)]
    return resampled(batch, torch.stack(rows, 1), outside)


def cropped(batch: dict[str, Tensor], least: float, generator: torch.Generator | None = None) -> dict[str, Tensor]:
    """Enlarges a random part of each picture, whose sides are a share from ``least`` to 1 of the picture's; where there
    are boxes, a part that holds the middle of one of them."""
    import torch

    image = batch["image"]
    drawn = torch.rand((4, len(image)), generator=generator, device=image.device)
    share = least + (1 - least) * drawn[0]
    half = torch.tensor([image.shape[3] / 2, image.shape[2] / 2], device=image.device)
    free = (1 - share)[:, None].expand(-1, 2)
    low, high = -free, free
    if "boxes" in batch:
        boxes = batch["boxes"]
        there = boxes[..., 0] >= 0
        chosen = (drawn[3] * there.sum(1)).long()
        row = ((there.cumsum(1) == chosen[:, None] + 1) & there).byte().argmax(1)
        middle = 2 * boxes[torch.arange(len(boxes), device=boxes.device), row, 1:3] - 1
        around = there.any(1)[:, None]
        low = torch.where(around, torch.maximum(low, middle - share[:, None]), low)
        high = torch.where(around, torch.minimum(high, middle + share[:, None]), high)
    centre = (low + (high - low) * drawn[1:3].T) * half
    scale = 1 / share
    zero = torch.zeros_like(scale)
    rows = [torch.stack([scale, zero, -centre[:, 0] * scale], 1), torch.stack([zero, scale, -centre[:, 1] * scale], 1)]
    return resampled(batch, torch.stack(rows, 1), "edge")


def coloured(
    batch: dict[str, Tensor],
    brightness: float,
    contrast: float,
    saturation: float,
    hue: float,
    measured: Tensor,
    generator: torch.Generator | None = None,
) -> dict[str, Tensor]:
    """Makes pictures lighter or darker by up to ``brightness`` of the range of brightness that occurs; their contrast
    and saturation more or less by up to a share; and turns their hue by up to ``hue`` degrees. What leaves the range is
    cut off. ``measured``: as ``measure`` gives it."""
    import torch

    image = batch["image"]
    drawn = 2 * torch.rand((4, len(image), 1, 1, 1), generator=generator, device=image.device) - 1
    low, high = measured[2].min(), measured[3].max()
    if image.shape[1] == 3:
        # Grey and two colour axes (YIQ): saturation stretches the two, hue turns them.
        to = torch.tensor([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]], device=image.device)
        size, angle = (1 + saturation * drawn[2]).view(-1), torch.deg2rad(hue * drawn[3]).view(-1)
        cos, sin, zero = size * angle.cos(), size * angle.sin(), torch.zeros_like(size)
        one = torch.ones_like(size)
        middle = torch.stack([one, zero, zero, zero, cos, -sin, zero, sin, cos], 1).view(-1, 3, 3)
        mixed = torch.linalg.inv(to) @ middle @ to
        image = (mixed @ image.flatten(2)).view_as(image)
    mean = image.mean((1, 2, 3), keepdim=True)
    image = mean + (image - mean) * (1 + contrast * drawn[1]) + brightness * (high - low) * drawn[0]
    return {**batch, "image": image.clamp(low, high)}


def greyed(batch: dict[str, Tensor], share: float, generator: torch.Generator | None = None) -> dict[str, Tensor]:
    """Takes the colour out of a share of the pictures: 0.299 red, 0.587 green, 0.114 blue in every channel."""
    import torch

    image = batch["image"]
    chosen = torch.rand(len(image), generator=generator, device=image.device) < share
    if image.shape[1] != 3:
        return batch
    weights = torch.tensor([0.299, 0.587, 0.114], device=image.device)[:, None, None]
    grey = (image * weights).sum(1, keepdim=True).expand_as(image)
    return {**batch, "image": torch.where(chosen[:, None, None, None], grey, image)}


def grained(
    batch: dict[str, Tensor], share: float, measured: Tensor, generator: torch.Generator | None = None
) -> dict[str, Tensor]:
    """Adds noise to every pixel, normally distributed; its deviation is ``share`` of the range of brightness that
    occurs."""
    import torch

    image = batch["image"]
    noise = torch.randn(image.shape, generator=generator, device=image.device)
    return {**batch, "image": image + share * (measured[3].max() - measured[2].min()) * noise}


def holed(
    batch: dict[str, Tensor], share: float, side: float, generator: torch.Generator | None = None
) -> dict[str, Tensor]:
    """Covers a square of each of a ``share`` of the pictures with the picture's own mean colour; its sides are ``side``
    of the picture's, its middle is anywhere, so that it may be cut at the border."""
    import torch

    image = batch["image"]
    count, _, height, width = image.shape
    drawn = torch.rand((3, count, 1, 1, 1), generator=generator, device=image.device)
    down = (torch.arange(height, device=image.device) + 0.5).view(-1, 1)
    right = torch.arange(width, device=image.device) + 0.5
    hole = ((down - drawn[1] * height).abs() < side * height / 2) & (
        (right - drawn[2] * width).abs() < side * width / 2
    )
    return {**batch, "image": torch.where(hole & (drawn[0] < share), image.mean((2, 3), keepdim=True), image)}


def jittered(
    batch: dict[str, Tensor], share: float, measured: Tensor, generator: torch.Generator | None = None
) -> dict[str, Tensor]:
    """Adds noise to every number of ``x`` [n, D], normally distributed; its deviation is ``share`` of the column's."""
    import torch

    x = batch["x"]
    noise = torch.randn(x.shape, generator=generator, device=x.device)
    return {**batch, "x": x + share * measured[1] * noise}
