"""The command: where the value comes from, what it says, how it is shown."""

import sys
from argparse import Namespace

from vsync_rotation.errors import RotationError
from vsync_rotation.redacted import SecretText
from vsync_rotation_cli.decode import listing, standard_input, stored_secret
from vsync_rotation_cli.decode.bad_input import BadInputError
from vsync_rotation_cli.decode.fields import Form, decoded
from vsync_rotation_cli.refused import BAD_INPUT, complain


def run(arguments: Namespace) -> int:
    """Decode and print; bad input is one line on standard error. Returns the exit status."""
    try:
        value = decoded(_value(arguments))
    except (BadInputError, RotationError) as problem:
        return _refused(f"{problem.what}; {problem.remedy}")
    show = listing.as_json if arguments.json else listing.as_lines
    sys.stdout.write(show(value.fields))
    if value.form is not Form.BLOB:
        sys.stderr.write(f"vsync-rotation decode: this is {value.form}, not a blob\n")
    if value.objection is not None:
        sys.stderr.write(f"vsync-rotation decode: well formed, but a rotation would refuse it: {value.objection}\n")
    return 0


def _value(arguments: Namespace) -> SecretText:
    if arguments.secret_id is not None:
        return stored_secret.read(arguments.secret_id, arguments.region, arguments.profile)
    if arguments.region is not None or arguments.profile is not None:
        raise BadInputError("--region and --profile say where a secret is", remedy="name the secret with --secret-id")
    return standard_input.read(sys.stdin)


def _refused(reason: str) -> int:
    complain("decode", reason)
    return BAD_INPUT
