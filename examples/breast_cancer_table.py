"""Write a real table: scikit-learn's breast cancer data as a CSV, with its target as text.

569 tumours, 30 measurements of each, and whether it was malignant (Wolberg, Street and Mangasarian, 1995).

    python examples/breast_cancer_table.py breast_cancer.csv
    pellucid train breast_cancer.csv --target diagnosis
"""

import sys
from pathlib import Path

import polars as pl
from sklearn.datasets import load_breast_cancer


def main(path: Path) -> None:
    """Write the table to `path`."""
    data = load_breast_cancer()
    table = pl.DataFrame(data.data, schema=[name.replace(" ", "_") for name in data.feature_names])
    table = table.with_columns(diagnosis=pl.Series(data.target_names[data.target].tolist()))
    path.parent.mkdir(parents=True, exist_ok=True)
    table.write_csv(path)
    print(f"{path}: {table.height} rows, {table.width - 1} columns of numbers and the target, diagnosis")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/breast_cancer_table.py FILE.csv")
    main(Path(sys.argv[1]))
