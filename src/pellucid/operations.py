"""Operations: layers other than `Dense`, what layers are made of, and the base of your own."""

from pellucid.network.ops.affine import Affine
from pellucid.network.ops.dropout import Dropout
from pellucid.network.ops.elementwise import Elementwise
from pellucid.network.ops.operation import Operation, Parameter
from pellucid.network.ops.periodic import Periodic
from pellucid.network.ops.scale import Scale

__all__ = ["Affine", "Dropout", "Elementwise", "Operation", "Parameter", "Periodic", "Scale"]
