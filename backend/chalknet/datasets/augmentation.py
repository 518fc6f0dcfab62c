"""What may be done to samples before they are trained on (T-037): a form for each way, which names its function.

On a board they are a map, so that two people who add one each keep both; ``order`` says in which order they are done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from chalknet.datasets import altered

MOST = 12
"""Augmentations of one data source."""

Outside = Literal["edge", "mirror"]
OUTSIDE: Any = Field(
    "edge",
    title="Outside",
    description="What is seen where the picture ends: its last pixels again, or the picture mirrored.",
)


def _share(default: float, title: str, description: str, step: float = 0.1, most: float = 1.0) -> Any:
    return Field(default, ge=0, le=most, title=title, description=description, json_schema_extra={"step": step})


class Augmentation(BaseModel):
    """One way to change samples at random, each sample in its own way, in training alone."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    title: ClassVar[str]
    sentence: ClassVar[str]
    function: ClassVar[Callable[..., Any]]
    uses: ClassVar[tuple[Callable[..., Any], ...]] = ()
    """Functions that ``function`` calls."""
    measures: ClassVar[bool] = False
    """Whether ``function`` wants to know what was measured of the training samples."""

    order: str = Field("", max_length=64)

    def arguments(self, strength: float = 1.0) -> dict[str, Any]:
        """What the function is called with; ``strength`` from 0 (nothing is changed) to 1."""
        return {
            name: value * strength if isinstance(value, float) else value
            for name, value in self.model_dump(exclude={"type", "order"}).items()
        }


class Flip(Augmentation):
    title: ClassVar[str] = "Flip"
    sentence: ClassVar[str] = "Mirrors pictures: a cat seen from the left is a cat. Not for letters or digits."
    function: ClassVar[Callable[..., Any]] = altered.flipped

    type: Literal["flip"] = "flip"
    across: float = _share(0.5, "Left to right", "Share of the pictures that are mirrored left to right.")
    down: float = _share(0.0, "Top to bottom", "Share of the pictures that are turned upside down by a mirror.")


class Shift(Augmentation):
    title: ClassVar[str] = "Shift"
    sentence: ClassVar[str] = "Moves pictures by some pixels: the same as a random crop of a padded picture."
    function: ClassVar[Callable[..., Any]] = altered.shifted
    uses: ClassVar[tuple[Callable[..., Any], ...]] = (altered.kept_boxes,)

    type: Literal["shift"] = "shift"
    pixels: int = Field(
        4,
        ge=0,
        le=128,
        title="At most",
        description="How far pictures are moved at most, in either direction.",
        json_schema_extra={"unit": "px"},
    )
    outside: Outside = OUTSIDE

    def arguments(self, strength: float = 1.0) -> dict[str, Any]:
        return {"pixels": round(self.pixels * strength), "outside": self.outside}


class Turn(Augmentation):
    title: ClassVar[str] = "Turn and zoom"
    sentence: ClassVar[str] = "Turns pictures a little, draws nearer or further, and slants them."
    function: ClassVar[Callable[..., Any]] = altered.turned
    uses: ClassVar[tuple[Callable[..., Any], ...]] = (altered.kept_boxes, altered.resampled)

    type: Literal["turn"] = "turn"
    degrees: float = Field(
        10.0,
        ge=0,
        le=180,
        title="Turned by",
        description="How far pictures are turned at most, either way.",
        json_schema_extra={"unit": "°", "step": 5},
    )
    smallest: float = Field(
        1.0,
        ge=0.25,
        le=1,
        title="Smallest",
        description="Pictures are made smaller at most by this factor.",
        json_schema_extra={"step": 0.05},
    )
    largest: float = Field(
        1.0,
        ge=1,
        le=4,
        title="Largest",
        description="Pictures are made larger at most by this factor.",
        json_schema_extra={"step": 0.05},
    )
    slant: float = Field(
        0.0,
        ge=0,
        le=45,
        title="Slanted by",
        description="How far pictures are slanted at most, either way.",
        json_schema_extra={"unit": "°", "step": 5},
    )
    outside: Outside = OUTSIDE

    def arguments(self, strength: float = 1.0) -> dict[str, Any]:
        return {
            "degrees": self.degrees * strength,
            "smallest": 1 + (self.smallest - 1) * strength,
            "largest": 1 + (self.largest - 1) * strength,
            "slant": self.slant * strength,
            "outside": self.outside,
        }


class Crop(Augmentation):
    title: ClassVar[str] = "Crop"
    sentence: ClassVar[str] = "Enlarges a random part of each picture; where there are boxes, a part round a thing."
    function: ClassVar[Callable[..., Any]] = altered.cropped
    uses: ClassVar[tuple[Callable[..., Any], ...]] = (altered.kept_boxes, altered.resampled)

    type: Literal["crop"] = "crop"
    least: float = Field(
        0.8,
        ge=0.1,
        le=1,
        title="Least part",
        description="Sides of the smallest part that is taken, as a share of the picture's.",
        json_schema_extra={"step": 0.05},
    )

    def arguments(self, strength: float = 1.0) -> dict[str, Any]:
        return {"least": 1 + (self.least - 1) * strength}


class Colours(Augmentation):
    title: ClassVar[str] = "Light and colours"
    sentence: ClassVar[str] = "Makes pictures lighter or darker, flatter or harder, paler or more colourful."
    function: ClassVar[Callable[..., Any]] = altered.coloured
    measures: ClassVar[bool] = True

    type: Literal["colours"] = "colours"
    brightness: float = _share(0.1, "Brightness", "How much lighter or darker at most, as a share of the range.", 0.05)
    contrast: float = _share(0.2, "Contrast", "How much more or less contrast at most.")
    saturation: float = _share(0.2, "Saturation", "How much paler or more colourful at most; nothing of grey pictures.")
    hue: float = Field(
        0.0,
        ge=0,
        le=180,
        title="Hue",
        description="How far colours are turned at most on their circle; red is 120° from green.",
        json_schema_extra={"unit": "°", "step": 5},
    )


class Grey(Augmentation):
    title: ClassVar[str] = "Grey"
    sentence: ClassVar[str] = "Takes the colour out of some pictures, so that a network learns from forms as well."
    function: ClassVar[Callable[..., Any]] = altered.greyed

    type: Literal["grey"] = "grey"
    share: float = _share(0.2, "Share", "Share of the pictures that lose their colour.")


class Noise(Augmentation):
    title: ClassVar[str] = "Noise"
    sentence: ClassVar[str] = "Adds noise to every pixel, as a cheap camera does in the dark."
    function: ClassVar[Callable[..., Any]] = altered.grained
    measures: ClassVar[bool] = True

    type: Literal["noise"] = "noise"
    share: float = _share(0.05, "Strength", "Deviation of the noise, as a share of the range of brightness.", 0.01)


class CutOut(Augmentation):
    title: ClassVar[str] = "Cut-out"
    sentence: ClassVar[str] = "Covers a square of the picture, so that a network does not rely on one detail."
    function: ClassVar[Callable[..., Any]] = altered.holed

    type: Literal["cutout"] = "cutout"
    share: float = _share(0.5, "Share", "Share of the pictures that are covered.")
    side: float = _share(0.3, "Side", "Sides of the square, as a share of the picture's.", 0.05)

    def arguments(self, strength: float = 1.0) -> dict[str, Any]:
        return {"share": self.share * strength, "side": self.side}


class Jitter(Augmentation):
    title: ClassVar[str] = "Noise"
    sentence: ClassVar[str] = "Adds noise to every number, so that no single sample can be learned by heart."
    function: ClassVar[Callable[..., Any]] = altered.jittered
    measures: ClassVar[bool] = True

    type: Literal["jitter"] = "jitter"
    share: float = _share(0.1, "Strength", "Deviation of the noise, as a share of the column's own.", 0.05, 2)


OfPictures = Annotated[Flip | Shift | Turn | Crop | Colours | Grey | Noise | CutOut, Field(discriminator="type")]
OfNumbers = Jitter

AUGMENTATIONS: tuple[type[Augmentation], ...] = (Flip, Shift, Turn, Crop, Colours, Grey, Noise, CutOut, Jitter)
