"""Floor 8: the playground. A network that is watched and touched while it learns.

`serve` shows it as a page of this machine, as `pellucid playground` does; `Playground` as a widget in a notebook.

==============  =================================================================
`hosts`         a page of this machine, a notebook cell; `page` is what they show
`session`       messages in, messages out; `arguments`, `messages`, `sink` help it
`state`       rows, settings and run, and how a change of one moves the others
`views`         heat maps, formulas, the thread that paints
`runs`          one network being trained, forwards and back, written down as code
`rows`          what is learned from
`settings`      a checked set of values; `schema` is the list of them, `presets` some
==============  =================================================================

`docs/playground.md` is the contract between the parts.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
