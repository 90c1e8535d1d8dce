"""Checks of the exercises on saddle points of shallow ReLU networks with an affine target."""

from ttlearn.course.saddles.flow import balance, escape_steps
from ttlearn.course.saddles.landscape import saddle_loss, zigzag
from ttlearn.course.saddles.mine import (
    index_network,
    my_index,
    read_residual,
    residual,
)
from ttlearn.course.saddles.network import exact_loss, network_gradient, neuron_kind

__all__ = [
    "balance",
    "escape_steps",
    "exact_loss",
    "index_network",
    "my_index",
    "network_gradient",
    "neuron_kind",
    "read_residual",
    "residual",
    "saddle_loss",
    "zigzag",
]


def __dir__() -> list[str]:
    """The exercises and what they show; the Tab key offers no more."""
    return sorted(__all__)
