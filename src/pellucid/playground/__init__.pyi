from .server import serve as serve
from .widget import Playground as Playground
