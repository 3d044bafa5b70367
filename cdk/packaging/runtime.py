"""What is fixed by the Lambda runtime that the functions run in.

See: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html and .../packaging-layers.html
"""

from collections.abc import Mapping
from typing import Final

from cdk.config.model import Architecture

PYTHON: Final = (3, 13)
PYTHON_TEXT: Final = ".".join(map(str, PYTHON))

# Where Lambda unpacks a layer and a function; both are read-only there. In a layer, `python/` is on the import path.
LAYER_ROOT: Final = "/opt"
FUNCTION_ROOT: Final = "/var/task"
IMPORTED_FROM_LAYER: Final = "python"

# The runtime's Amazon Linux 2023 has glibc 2.34; wheels for an older one run there too.
WHEEL_PLATFORMS: Final[Mapping[Architecture, str]] = {
    Architecture.ARM64: "aarch64-manylinux2014",
    Architecture.X86_64: "x86_64-manylinux2014",
}
