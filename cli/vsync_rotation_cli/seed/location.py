"""A location from the deployment file and the little it does not say: the salt and the iterations of the vault's key.

See: SPEC 5.11
"""

import json
from collections.abc import Mapping
from typing import Final

from cdk.config.model import Vault
from vsync_rotation.redacted import SecretText

VSYNCS_ITERATIONS: Final = 600_000
_VERSION: Final = 1


def completed(vault: Vault, given: Mapping[str, object]) -> SecretText:
    """The location's JSON text: what is given, in vsync's order, over what the deployment file says."""
    store = vault.store
    filed = {
        "v": _VERSION,
        "endpoint": store.endpoint,
        "region": store.region,
        "bucket": store.bucket,
        "prefix": store.prefix,
        "env": vault.env,
        "iterations": VSYNCS_ITERATIONS,
    }
    order = ("v", "endpoint", "region", "bucket", "prefix", "env", "salt", "iterations")
    everything = {**filed, **given}
    known = {name: everything[name] for name in order if name in everything}
    return SecretText(json.dumps(known | everything, ensure_ascii=False, separators=(",", ":")))
