"""Compile the kernels into an object file: `python -m pellucid.engines.kernels.build DTYPE PATH`.

Run in a process of its own by `pellucid.engines.objects`, since Numba reads the processor to compile for from the
environment when it is imported.
"""

import re
import struct
import sys
from pathlib import Path

from llvmlite import binding

from .level import Level, current

SYMBOL = "pellucid_entry"
ALLOWED = {"memcpy", "memset", "sched_yield"}
"""What an object may need from outside: `pellucid.engines.objects` finds these on every platform. Loading resolves
nothing else, and a call of an unresolved symbol crashes."""


def object_code(dtype: str) -> bytes:
    """The machine code of all kernels for the current level and one dtype, as an object file of the platform."""
    from .entry import SIGNATURE, entry_for

    dispatcher = entry_for(dtype)
    native = dispatcher.overloads[SIGNATURE.args].fndesc.llvm_func_name
    text = dispatcher.inspect_llvm(SIGNATURE.args).replace(native, SYMBOL)
    level = current()
    code = machine_code(text, level, triple_for(sys.platform))
    foreign = undefined_symbols(code) - ALLOWED
    if foreign:
        raise RuntimeError(f"the object for {level.name}, {dtype} needs {sorted(foreign)}, which loading cannot give")
    return code


def triple_for(platform: str) -> str:
    """LLVM's name for what the code runs on: this machine, and ELF also on Windows, as LLVM loads no other there."""
    return binding.get_default_triple() + ("-elf" if platform == "win32" else "")


def machine_code(text: str, level: Level, triple: str) -> bytes:
    """An object file with the code of an LLVM module, given as text."""
    module = binding.parse_assembly(text)
    module.verify()
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_triple(triple).create_target_machine(
        cpu=level.name, features=level.features, opt=3, reloc="pic", codemodel="small"
    )
    code: bytes = machine.emit_object(module)
    return code


def undefined_symbols(code: bytes) -> set[str]:
    """The names that an ELF object (System V ABI, chapter 4) uses and does not define; none are looked for in others.

    They are read from the machine code, as LLVM turns some of its own instructions into calls (a long
    fill into memset).
    """
    if code[:4] != b"\x7fELF":
        return set()
    offset, entry_size, count = *struct.unpack_from("<Q", code, 0x28), *struct.unpack_from("<HH", code, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", code, offset + i * entry_size) for i in range(count)]
    names = set()
    for _, kind, _, _, start, size, link, _, _, each in sections:
        if kind != 2:  # SHT_SYMTAB
            continue
        strings = sections[link][4]
        for place in range(start + each, start + size, each):
            name, _, _, section = struct.unpack_from("<IBBH", code, place)
            if section == 0:
                names.add(code[strings + name : code.index(0, strings + name)].decode())
    return names


def main() -> None:
    """Write the object to the path that is given."""
    dtype, path = sys.argv[1], Path(sys.argv[2])
    if not re.fullmatch("float(32|64)", dtype):
        raise SystemExit(f"expected float32 or float64, got {dtype!r}")
    path.write_bytes(object_code(dtype))


if __name__ == "__main__":
    main()
