"""Floor 8: the playground. A network that is watched and touched while it learns."""
