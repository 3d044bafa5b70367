"""A function as Lambda runs it: one environment per invocation at a time, another one begun when all are busy.

Each environment is a fresh copy of the handler's module, as Lambda imports it, and so has SDK clients, deadline and
retry quota of its own. One copy for all would let invocations that overlap share what on AWS they cannot.
"""

import time
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec
from typing import Any

Handler = Callable[[Any, Any], Any]


class LambdaEnvironments:
    """A handler to deploy. `begun` is how many environments there are: the most invocations that ran at once."""

    def __init__(self, module: str, *, seconds_before_the_handler: float) -> None:
        self._module = module
        self._seconds = seconds_before_the_handler
        self._free: list[Handler] = []
        self.begun = 0

    def __call__(self, event: Any, context: Any) -> Any:
        handler = self._free.pop() if self._free else self._begin()
        try:
            time.sleep(self._seconds)
            return handler(event, context)
        finally:
            self._free.append(handler)

    def _begin(self) -> Handler:
        spec = find_spec(self._module)
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError(self._module)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        self.begun += 1
        handler: Handler = module.lambda_handler
        return handler
