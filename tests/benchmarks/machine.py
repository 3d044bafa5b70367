"""What the numbers were measured on: ratios transfer to other machines, seconds do not."""

import os
import platform
import ssl
from importlib.metadata import version
from pathlib import Path
from typing import Final

_LIBRARIES: Final = ("boto3", "botocore", "cryptography", "aws-lambda-powertools")


def machine() -> str:
    """Cores, processor, Python and libraries in one sentence."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return (
        f"{_cores()} cores of {_processor()}, {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}, {libraries}"
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text().splitlines() if cpus.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "an unnamed processor"
