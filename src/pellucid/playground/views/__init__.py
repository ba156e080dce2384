"""What is shown of a run: heat maps, formulas with its numbers; `renderer` is the thread that makes frames of them."""
