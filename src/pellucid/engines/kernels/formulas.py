"""The tables of all formulas that this object holds: activations, losses, penalties, update rules.

Somebody's own formulas come from the file that `PELLUCID_OWN_FORMULAS` names, as `Formulas.as_json` writes them.
"""

import json
import os
from pathlib import Path

from pellucid.engines.formulas import BUILT_IN, Formula, Tables

from .tables import penalty_table, table_with_options, update_table

OWN = "PELLUCID_OWN_FORMULAS"


def all_formulas() -> Tables:
    """Pellucid's formulas, and own ones behind them."""
    path = os.environ.get(OWN)
    own = json.loads(Path(path).read_text()) if path else {}
    return {kind: [*formulas, *map(Formula.from_json, own.get(kind, []))] for kind, formulas in BUILT_IN.tables.items()}


TABLES = all_formulas()
apply_activation = table_with_options(TABLES["activations"], outputs=1, inputs=1)
apply_vjp = table_with_options(TABLES["chain_rules"], outputs=1, inputs=3)
apply_loss = table_with_options(TABLES["losses"], outputs=2, inputs=3)
apply_update = update_table(TABLES["steps"])
penalize = penalty_table(TABLES["penalties"])
