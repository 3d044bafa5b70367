"""The regions that there were when this release was made: another one may be new, or a typing error.

Only warned of, never refused: a new region must not wait for a release.
"""

from typing import Final

# A test holds them to be the SDK's. See: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
KNOWN: Final = frozenset(
    f"{area}-{direction}"
    for area, directions in {
        "af": "south-1",
        "ap": "east-1 east-2 northeast-1 northeast-2 northeast-3 south-1 south-2 southeast-1 southeast-2 southeast-3 "
        "southeast-4 southeast-5 southeast-6 southeast-7",
        "ca": "central-1 west-1",
        "cn": "north-1 northwest-1",
        "eu": "central-1 central-2 north-1 south-1 south-2 west-1 west-2 west-3",
        "il": "central-1",
        "me": "central-1 south-1 west-1",
        "mx": "central-1",
        "sa": "east-1 west-1",
        "us": "east-1 east-2 west-1 west-2",
        "us-gov": "east-1 west-1",
    }.items()
    for direction in directions.split()
)
