"""Views of a run: heat maps, formulas with its numbers, and `renderer`, the thread that sends them as frames."""
