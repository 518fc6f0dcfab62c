"""The code on the wall, and the words of a return card.

A class's code is derived from the server's secret, so that a teacher can see it again and again while what is kept of
it is a keyed hash. Return cards are drawn by chance and shown once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0 and O, no 1, I and L: a code is read from a wall and typed on a small keyboard."""
LENGTH = 6
WORDS_ON_A_CARD = 4

# Things that a child of ten can draw, of which no two are alike; the page shows each with its picture.
WORDS = (
    "anchor", "apple", "arrow", "balloon", "banana", "basket", "bear", "bell", "bicycle", "bird", "boat", "book",
    "boot", "bottle", "bread", "bridge", "broom", "bucket", "bus", "butterfly", "cactus", "cake", "camel", "candle",
    "car", "carrot", "castle", "cat", "chair", "cheese", "cherry", "clock", "cloud", "clover", "compass", "corn",
    "cow", "crab", "crown", "cup", "dice", "dog", "dolphin", "door", "dragon", "drum", "duck", "eagle",
    "egg", "elephant", "fan", "feather", "fish", "flag", "flower", "flute", "fork", "fox", "frog", "ghost",
    "giraffe", "glasses", "globe", "glove", "grapes", "guitar", "hammer", "hat", "heart", "hedgehog", "helmet", "horse",
    "house", "igloo", "island", "jar", "kangaroo", "key", "kite", "knot", "ladder", "lamp", "leaf", "lemon",
    "lion", "lizard", "lock", "magnet", "map", "mask", "medal", "mirror", "monkey", "moon", "mountain", "mouse",
    "mushroom", "nest", "octopus", "onion", "owl", "paint", "panda", "parrot", "pear", "pencil", "penguin", "piano",
    "pig", "pirate", "planet", "pumpkin", "puzzle", "rabbit", "radio", "rainbow", "ring", "robot", "rocket", "rose",
    "sail", "scissors", "shark", "sheep", "shell", "snail", "snake", "spider",
)  # fmt: skip


def class_code(secret: str, id: str, turn: int) -> str:
    """The ``turn``-th code of a class: six letters of 31, 8.9e8 of them."""
    number = int.from_bytes(hmac.digest(secret.encode(), f"class code {id} {turn}".encode(), hashlib.sha256))
    code = ""
    for _ in range(LENGTH):
        number, place = divmod(number, len(LETTERS))
        code += LETTERS[place]
    return code


def typed(text: str) -> str | None:
    """A code as it was meant, with spaces, dashes and small letters as people type them; None when it cannot be one."""
    code = re.sub(r"[\s\-–—·.]", "", text[:40]).upper()
    return code if len(code) == LENGTH and all(letter in LETTERS for letter in code) else None


def card_words() -> list[str]:
    """The words of a new return card: 4 of 128, 28 bits; whoever guesses is stopped long before (``limits``)."""
    return [secrets.choice(WORDS) for _ in range(WORDS_ON_A_CARD)]


def typed_words(words: list[str]) -> str:
    """What is hashed of a card."""
    return " ".join(word.strip().lower() for word in words)
