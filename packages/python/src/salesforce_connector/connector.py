"""The connector in Python: compiled once, and a fresh instance for every call.

What this host bounds: memory, and how long a component computes that does not end by itself. What it cannot decide is
where a call connects to: wasmtime's C API, which this package wraps, has no hook for it, and trusts Mozilla's roots
only. The connector sends tokens to Salesforce's domains alone; for a component that you do not trust, confine the
process (a network namespace, a firewall), or use a host that can.
"""

from __future__ import annotations

import hashlib
import threading
import time
from importlib.resources import files
from typing import Any

from wasmtime import Config, Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record, Variant

from .error import ConnectorError

MEMORY = 256 << 20
# An execution is interrupted when it has run into so many ticks: longer than the longest call may take.
TICK_SECONDS = 1
TICKS = 660

_ONE_AT_A_TIME = threading.Lock()


class Connector:
    """A loaded component. Calls of several threads follow each other, because wasmtime's package keeps what it converts in
    globals. For several calls at once, use processes.
    """

    def __init__(self, component: bytes | None = None) -> None:
        """Compiles the component of this package, or another with the same interfaces."""
        wasm = component if component is not None else files(__package__).joinpath("connector.wasm").read_bytes()
        #: SHA-256 of the component.
        self.digest = hashlib.sha256(wasm).hexdigest()
        config = Config()
        config.epoch_interruption = True
        self._engine = Engine(config)
        self._component = Component(self._engine, wasm)
        self._linker = Linker(self._engine)
        # More than the connector imports. The rest is empty: no files, no environment, no sockets.
        self._linker.add_wasip2()
        self._linker.add_wasi_http()
        threading.Thread(target=self._tick, daemon=True).start()

    def call(self, interface: str, function: str, *arguments: Any) -> Any:
        """Calls e.g. `soql`, `soql-query` in a fresh instance.

        Records are dicts, with underscores in their names, and what is left out is none. The case of a variant is told
        by the type of its value where the types differ (wasmtime's rule), else by a `Variant`.
        """
        with _ONE_AT_A_TIME:
            answer = self._answer(interface, function, arguments)
        if answer.tag == "err":
            raise ConnectorError(**answer.payload)
        return answer.payload

    def _answer(self, interface: str, function: str, arguments: tuple[Any, ...]) -> Any:
        store = Store(self._engine)
        store.set_wasi(WasiConfig())
        store.set_wasi_http()
        store.set_limits(memory_size=MEMORY)
        store.set_epoch_deadline(TICKS)
        instance = self._linker.instantiate(store, self._component)
        exports = instance.get_export_index(store, f"workflow:salesforce/{interface}@0.2.1")
        index = exports and instance.get_export_index(store, function, exports)
        found = index and instance.get_func(store, index)
        if not found:
            raise LookupError(f"the component has no function {interface}.{function}; wit/ in the repository has them all")
        return lifted(found(store, *map(lowered, arguments)))

    def _tick(self) -> None:
        while True:
            time.sleep(TICK_SECONDS)
            self._engine.increment_epoch()


class _Fields(Record):
    """A record whose missing fields are none."""

    def __getattr__(self, name: str) -> None:
        return None


def lowered(value: Any) -> Any:
    """Python to what wasmtime takes."""
    if isinstance(value, dict):
        record = _Fields()
        for name, field in value.items():
            setattr(record, name.replace("_", "-"), lowered(field))
        return record
    if isinstance(value, list):
        return [lowered(item) for item in value]
    if isinstance(value, Variant):
        return Variant(value.tag, lowered(value.payload))
    return value


def lifted(value: Any) -> Any:
    """What wasmtime gives to Python."""
    if isinstance(value, Record):
        return {name.replace("-", "_"): lifted(field) for name, field in vars(value).items()}
    if isinstance(value, list):
        return [lifted(item) for item in value]
    if isinstance(value, Variant):
        return Variant(value.tag, lifted(value.payload))
    return value
