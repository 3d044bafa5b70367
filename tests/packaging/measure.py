"""What the packaged functions cost: `python -m tests.packaging.measure` prints what docs/performance.md says of them.

CPU time, not wall time: below 1769 MB of memory Lambda gives a function a share of one core, so a function with less
takes so many times longer (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html).
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

from cdk import names
from cdk.packaging.interpreter import find
from cdk.packaging.package import build
from simulator.invocation import LambdaContext
from simulator.vaults import Layout, make_vault
from simulator.world import World
from tests.benchmarks.machine import machine
from tests.packaging.life import delivery, deployed, environment_of, rotated
from tests.packaging.packaged_function import PackagedFunction, Surroundings
from tests.packaging.runtime_supplies import RuntimeSupplies, own_architecture
from tests.packaging.unpacked import Unpacked

STARTS: Final = 9
ITERATIONS: Final = 600_000
LARGE_BYTES: Final = 64 * 1024 * 1024
BARE: Final = "import boto3\n\n\ndef lambda_handler(event, context):\n    return boto3.__name__\n"
Cost = tuple[str, float]


def main() -> int:
    """Measure and print; returns the exit status."""
    interpreter, architecture = find(), own_architecture()
    if interpreter is None or architecture is None:
        print("what is packaged does not run on this machine: nothing was measured", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as temporary, World() as world:
        folder = Path(temporary)
        package = build(architecture, folder / "package", interpreter)
        compiled = Unpacked.make(package, folder / "compiled")
        bare = Unpacked.make(package, folder / "sources")
        for cache in bare.root.rglob("__pycache__"):
            shutil.rmtree(cache)
        supplies = RuntimeSupplies.make(interpreter, folder / "runtime")
        surroundings = Surroundings(interpreter, supplies, environment_of(world), folder)
        for line in (*_starts(compiled, bare, surroundings), *_life(world, compiled, surroundings), machine()):
            print(line, flush=True)
    return 0


def _starts(compiled: Unpacked, sources: Unpacked, surroundings: Surroundings) -> Iterator[str]:
    """Starts in turn, so that a change of the machine's mood meets all."""
    (compiled.root / "bare.py").write_text(BARE)
    # As in Lambda, where the folders are read-only: what is compiled is lost with the environment.
    environment = {**surroundings.environment, "PYTHONDONTWRITEBYTECODE": "1"}
    read_only = Surroundings(surroundings.interpreter, surroundings.supplies, environment, surroundings.logs)
    candidates = {"bare boto3": ("bare.lambda_handler", compiled.root, compiled)}
    for name in names.FUNCTIONS:
        candidates[name] = (f"{name}.handler.lambda_handler", compiled.task(name), compiled)
        candidates[f"{name} without bytecode"] = (f"{name}.handler.lambda_handler", sources.task(name), sources)
    measured: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(STARTS):
        for name, (handler, task, unpacked) in candidates.items():
            with PackagedFunction(name, handler, task, unpacked.imported_from_layer, read_only) as function:
                measured[name].append(function.started().cpu_seconds or 0)
    least = min(measured["bare boto3"])
    for name, seconds in measured.items():
        yield (
            f"start of {name}: {min(seconds) * 1000:.0f} ms of CPU, median {median(seconds) * 1000:.0f}, "
            f"{min(seconds) / least:.2f} x"
        )


def _life(world: World, unpacked: Unpacked, surroundings: Surroundings) -> Iterator[str]:
    for size_bytes in (None, LARGE_BYTES):
        world.reset()
        costs: dict[str, list[Cost]] = {name: [] for name in names.FUNCTIONS}
        with deployed(world, unpacked, surroundings) as functions:
            for name, function in functions.items():
                world.deploy(name, _metered(function, costs[name]))
            payload = None if size_bytes is None else bytes(size_bytes)
            vault = make_vault(world, Layout.BOTH, iterations=ITERATIONS, payload=payload)
            rotated(world, vault.config_secret, names.ROTATE_KEY)
            rotated(world, vault.passphrase_secret, names.ROTATE_PASSPHRASE)
            for name in (names.RETIRE, names.CHECK):
                world.invoke(name, {})
            vault.laptop.publish("20990101-000000", {"GREETING": "hello"})
            world.invoke(names.CHECK, {})
            world.invoke(names.RESTART, delivery(world.events[0]))
            yield f"a bundle of {'a few bytes' if size_bytes is None else f'{size_bytes:,} bytes'}"
            for name, function in functions.items():
                told = ", ".join(f"{step} {seconds * 1000:.0f}" for step, seconds in costs[name])
                yield f"  {name}: peak {function.peak_memory_mb():.0f} MB; ms of CPU: {told}"


def _metered(function: PackagedFunction, costs: list[Cost]) -> Callable[[Any, LambdaContext], Any]:
    def call(event: Mapping[str, Any], context: LambdaContext) -> Any:
        with _metering(function, str(event.get("Step", "invocation")), costs):
            return function(event, context)

    return call


@contextmanager
def _metering(function: PackagedFunction, what: str, costs: list[Cost]) -> Iterator[None]:
    if function.cold_start is None:
        function.started()
    before = function.cpu_seconds()
    yield
    costs.append((what, function.cpu_seconds() - before))


if __name__ == "__main__":
    sys.exit(main())
