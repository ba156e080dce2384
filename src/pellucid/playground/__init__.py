"""Floor 8: the playground, where a network can be watched and changed while it learns.

`serve` shows it as a page of this machine, as `pellucid playground` does; `Playground` as a widget in a notebook.

==============  =================================================================
`hosts`         a page of this machine, a notebook cell; `page` is what they show
`session`       messages in, messages out; `messages` builds long ones, `sink` sends
`state`         rows, settings and run; a change of one updates the others
`views`         heat maps, formulas, the thread that renders frames
`runs`          one network being trained, forwards and back, exported as code
`rows`          the data
`settings`      checked values; `schema` lists the fields, `presets` has some sets
`protocol`      the page's messages as types; `checking`, `limits`, `contract`
==============  =================================================================

`docs/playground.md` is the contract between the parts.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
