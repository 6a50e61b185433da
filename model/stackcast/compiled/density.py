"""The compiled density and its gradient, which a later process loads from disk instead of compiling.

The key is a hash of everything that determines the code: what is compiled, source, versions, processor. Loading takes
half a second.

Each density has a code generator of its own. In a shared one, symbols with equal names collide across modules (numba
#10486), and the last bits of a draw would depend on what the process compiled before. For the same reason code that was
just compiled is loaded from its bytes too.
"""

import hashlib
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from pydantic_core import to_json

from stackcast.caches import PYTENSOR, pytensor_flags
from stackcast.compiled.store import CodeStore
from stackcast.provenance import versions

COMPILERS = ("NUMBA_", "PYTENSOR_")
"""Prefixes of the environment variables that can change what is compiled."""


@dataclass(frozen=True)
class Function:
    """A function of numba, (position, data) to (density, gradient), and the sizes of its arguments."""

    jitted: Any
    size: int
    data: int


@dataclass(frozen=True)
class CompiledDensity:
    """A function ``int64 (uint64 size, double *position, double *gradient, double *density, double *data)``.

    It returns 0, or 1 where density or gradient is not finite.

    Attributes
    ----------
    address
        Address of the function.
    kept
        Object that keeps it in memory.
    """

    address: int
    kept: Any


def code_key(*parts: bytes) -> str:
    """Return a hash of the parts, which say what is compiled, and of all else that determines the code."""
    settings = {name: value for name, value in sorted(os.environ.items()) if name.startswith(COMPILERS)}
    if settings.get(PYTENSOR) == pytensor_flags():
        del settings[PYTENSOR]  # as in a process that is not the command
    around = (versions() | {"llvmlite": version("llvmlite")}, settings, processor())
    return hashlib.sha256(b"\0".join((*parts, *map(to_json, around)))).hexdigest()[:24]


def processor() -> tuple[str, ...]:
    """Return what numba compiles for: platform, processor, and its features."""
    from numba.core.registry import cpu_target

    return tuple(cpu_target.target_context.codegen().magic_tuple())


def compiled_density(key: str, build: Callable[[], Function], store: CodeStore) -> CompiledDensity:
    """Return the code of this key: from the store, or compiled and stored.

    Code that holds addresses of this process (as for a constant array of a megabyte) is not stored.

    Parameters
    ----------
    key
        Hash of everything that determines the code.
    build
        Makes the function.
    store
        Where codes are kept.
    """
    content = store.get(key)
    if content is None:
        code, content = compile_callback(function := build())
        if content is None:
            return _at_its_place(code, function)
        store.put(key, content)
    return loaded(content)


def compile_callback(function: Function) -> tuple[Any, bytes | None]:
    """Compile a function for callers outside Python.

    Returns
    -------
    code
        Numba's result, for this process.
    content
        The same for every process, or None where it holds addresses of this one.
    """
    from numba import types
    from numba.core.ccallback import CFunc
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.serialize import dumps

    arguments = types.uint64, *[types.CPointer(types.double)] * 4
    callback: Any = CFunc(_callback(function), (arguments, types.int64), {}, {})
    with global_compiler_lock:
        code = callback._compile_uncached()
        return code, None if code.library.has_dynamic_globals else bytes(dumps(code._reduce()))


def loaded(content: bytes) -> CompiledDensity:
    """Return code from its bytes, in a code generator of its own."""
    from numba.core.compiler import CompileResult
    from numba.core.cpu import CPUContext
    from numba.core.registry import cpu_target

    context = CPUContext(cpu_target.typing_context)
    context.refresh()
    return _at_its_place(CompileResult._rebuild(context, *pickle.loads(content)))


def _at_its_place(code: Any, *kept: Any) -> CompiledDensity:
    return CompiledDensity(code.library.get_pointer_to_function(code.fndesc.llvm_cfunc_wrapper_name), (code, *kept))


def _callback(function: Function) -> Callable[..., int]:
    """Wrap the function. It copies in loops: an assignment between arrays compiles its error messages, for seconds."""
    import numpy as np
    from numba import carray

    jitted, size, data_size = function.jitted, function.size, function.data
    isfinite = np.isfinite

    def callback(_: int, position: Any, gradient: Any, density: Any, data: Any) -> int:
        try:
            value, slope = jitted(carray(position, (size,)), carray(data, (data_size,)))
            density[0] = value[()]
            finite = isfinite(density[0])
            for i in range(size):
                gradient[i] = slope[i]
                finite &= isfinite(slope[i])
            return 0 if finite else 1
        except Exception:
            return 1

    return callback
