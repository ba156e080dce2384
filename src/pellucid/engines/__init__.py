"""Floor 3: how an epoch is run. `reference` is floor 2 as it stands."""
