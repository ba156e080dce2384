"""The tables of all formulas that this object holds: activations, losses, penalties, update rules."""

from pellucid.engines.formulas import BUILT_IN as FORMULAS

from .tables import penalty_table, table_with_options, update_table

apply_activation = table_with_options(FORMULAS.values, outputs=1, inputs=1)
apply_vjp = table_with_options(FORMULAS.chain_rules, outputs=1, inputs=3)
apply_loss = table_with_options(FORMULAS.loss_values, outputs=2, inputs=3)
apply_update = update_table(FORMULAS.steps)
penalize = penalty_table(FORMULAS.penalty_values)
