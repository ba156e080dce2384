"""Build hook: compile the kernels into objects that ship in the wheel, so that nothing is compiled on installing.

An editable install compiles nothing here: its kernels are compiled once, when they are first used, and again after an
edit. `PELLUCID_BUILD_OBJECTS=0` leaves the objects out of a wheel as well, for a platform without Numba.
"""

import os
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileKernels(BuildHookInterface):
    """Adds `pellucid/engines/objects/*.o` and makes the wheel one for this platform."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every level that ships, for both dtypes."""
        if self.target_name != "wheel" or version == "editable" or os.environ.get("PELLUCID_BUILD_OBJECTS") == "0":
            return
        source = Path(self.root) / "src"
        sys.path.insert(0, str(source))
        from pellucid.engines.objects import build_all

        folder = Path(self.root) / "build" / "objects"
        for path in build_all(folder):
            build_data["force_include"][str(path)] = f"pellucid/engines/objects/{path.name}"
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
