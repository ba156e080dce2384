"""The table that the command's tests use."""

from tests.cli.conftest import table

__all__ = ["table"]
