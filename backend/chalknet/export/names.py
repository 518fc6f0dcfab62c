"""Names and words of a person, made safe for Python text: nothing in them can end a string, a comment or a line."""

from __future__ import annotations

import builtins
import json
import keyword
import re
import unicodedata

RESERVED = frozenset(
    {"self", "torch", "nn", "F", "math", "Tensor", "Callable", "annotations", "super", *keyword.kwlist, *dir(builtins)}
)
"""Names that a variable of the exported file does not take."""

# Attributes of torch.nn.Module and torch.fx.GraphModule: a submodule of such a name would shadow them. A test compares.
MODULE = frozenset(
    """
    T_destination add_module add_submodule apply bfloat16 buffers call_super_init children code compile cpu cuda
    delete_all_unused_submodules delete_submodule double dump_patches eval extra_repr float forward get_buffer
    get_extra_state get_parameter get_submodule graph half ipu load_state_dict meta modules mtia named_buffers
    named_children named_modules named_parameters parameters print_readable recompile register_backward_hook
    register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module
    register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state
    set_submodule shape_env share_memory state_dict to to_empty to_folder train training type xpu zero_grad
    """.split()  # noqa: SIM905
)


def attribute(id: str) -> str:
    """The name of a node's module. It is the compiled module's wherever the id is a Python name."""
    name = re.sub(r"\W", "_", id, flags=re.ASCII)
    if not name[:1].isalpha():
        name = f"n{name}"
    return f"{name}_" if name in MODULE or keyword.iskeyword(name) else name


class Names:
    """Names given out once each."""

    def __init__(self, taken: frozenset[str] | set[str] = RESERVED) -> None:
        self.taken = set(taken)

    def __call__(self, wish: str) -> str:
        """The wish, made a Python name, with a number behind it where it is taken."""
        name = re.sub(r"\W", "_", wish, flags=re.ASCII)
        if name[:1].isdigit() or not name:
            name = f"n{name}"
        chosen, number = name, 1
        while chosen in self.taken:
            number += 1
            chosen = f"{name}_{number}"
        self.taken.add(chosen)
        return chosen


def class_name(text: str, otherwise: str) -> str:
    """``reverses a sequence`` → ``ReversesASequence``; ``otherwise`` where no letters are left."""
    words = re.findall(r"[A-Za-z][A-Za-z0-9]*|[0-9]+", text)
    name = "".join(word[0].upper() + word[1:] for word in words)[:40].lstrip("0123456789")
    return name or otherwise


def words(text: str) -> str:
    """One line without control, formatting or unpaired characters, for a comment."""
    kept = (" " if character.isspace() else character for character in text)
    return " ".join("".join(c for c in kept if c == " " or unicodedata.category(c)[0] != "C").split())


def quoted(text: str) -> str:
    """The same for a docstring."""
    return words(text).replace("\\", "\\\\").replace('"', "'")


def literal(text: str) -> str:
    """A string of Python; non-ASCII is escaped."""
    return json.dumps(text)
