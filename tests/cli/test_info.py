"""`pellucid info` names the machine code that would run, and where it is."""

import os
import subprocess
import sys
from importlib.metadata import version


def test_it_names_level_kernels_and_versions(tmp_path):
    environment = os.environ | {"PELLUCID_CACHE_DIR": str(tmp_path), "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "pellucid", "info"], env=environment, capture_output=True, text=True, check=True
    )
    facts = dict(line.split("  ", 1) for line in done.stdout.splitlines() if "  " in line)
    assert facts["numpy"].strip() == version("numpy")
    assert facts["cache folder"].strip() == str(tmp_path)
    assert "bits" in facts["processor"]
    # An editable install ships no objects, and the cache folder is empty: both dtypes are still to be compiled.
    for dtype in ("float32", "float64"):
        assert facts[f"kernels {dtype}"].strip().endswith((".o", "when first needed"))
