"""What `--help` says: of the command, and of each of its commands with examples."""

from typing import Final

DESCRIPTION: Final = "Deploys the rotation of the two values a vsync application boots from, and shows how it works."
EXAMPLES: Final = """\
examples:
  vsync-rotation demo                    both rotations and the days after them, on an embedded AWS
  vsync-rotation demo --json | jq .checks
  vsync-rotation decode < blob.txt
  vsync-rotation decode --secret-id acme_web/prod/VSYNC_CONFIG --region eu-central-1
  vsync-rotation deploy --deployment production --dry-run
  vsync-rotation deploy --deployment production
  vsync-rotation rotate --follow --secret-id acme_web/prod/VSYNC_CONFIG
"""
DEMO: Final = """\
Makes a vault on an AWS embedded in this process, rotates its access key and then its passphrase with the real
functions, and checks after each that an application still boots. Then days pass in seconds: restarts, a stale push that
is healed, the old key held, deactivated and deleted. Nothing leaves this machine and no account is needed.
Exit status 0 if every check holds, 1 if one does not (standard error names it)."""
DEMO_EXAMPLES: Final = """\
examples:
  vsync-rotation demo                    a live timeline on a terminal
  vsync-rotation demo --plain | tee run  the same story, line by line
  vsync-rotation demo --json | jq '.rotations[] | {kind, race_window_ms}'
  vsync-rotation demo --json | jq .lifelines
"""
DECODE: Final = """\
Prints every field of a VSYNC_CONFIG value; the secret access key is redacted. The value is read from standard input,
or from Secrets Manager with --secret-id. A location (a value before its first rotation) and a plain IAM key pair are
read too. Exit status 2 and one line on standard error if there is nothing good to read."""
DECODE_EXAMPLES: Final = """\
examples:
  vsync-rotation decode < blob.txt
  printf %s "$VSYNC_CONFIG" | vsync-rotation decode --json | jq -r .bucket
  vsync-rotation decode --secret-id acme_web/prod/VSYNC_CONFIG --profile production
"""
SEED: Final = """\
Gives every secret that the stacks made its first value: VSYNC_CONFIG the blob there is, or a location (the blob's JSON
without its two credential fields); VSYNC_PASSPHRASE the vault's passphrase; a writer secret a JSON key pair. Asks only
for what is missing, shows nothing that is secret, and never writes over a value that is there. Values are checked
before they are written: those of a file all together, typed ones vault by vault. A passphrase that could not be tried
against its vault is stored only if you agree to it at a terminal, never with --yes. A file of values (JSON, readable
by you alone):
  {"acme_web/prod": {"config": "vsync-cfg-v1:...", "passphrase": "..."},
   "acme_web/test": {"config": {"salt": "...", "iterations": 600000}, "passphrase": "...", "writer": {...}}}
Exit status 0 if nothing is missing any more, 1 if AWS or you said no, 2 if a file or value is not good."""
SEED_EXAMPLES: Final = """\
examples:
  vsync-rotation seed --deployment production --dry-run
  vsync-rotation seed --deployment production --vault acme_web/prod
  decrypt values.json.age | vsync-rotation seed --deployment production --from - --yes
"""
ADOPT: Final = """\
Puts the tags of the deployment file on secrets that were there before, which the stacks cannot tag, and looks whether
secrets and users can be adopted at all. Shows every change first; the tag vsync-rotation:paused is never touched, and
no value is changed. Of values it reads VSYNC_CONFIG alone, to compare it with the file.
Exit status 0 if all tags are as they should be, 1 if something cannot be adopted or you said no, 2 for a bad file."""
ADOPT_EXAMPLES: Final = """\
examples:
  vsync-rotation adopt --deployment production --dry-run
  vsync-rotation adopt --deployment production
"""
ROTATE: Final = """\
Starts the rotation of a secret, or has an unfinished one tried again; with --follow shows its steps until it has ended.
Says account and ARN first. Steps are shown where the function's log may be read; Ctrl-C ends the following, not the
rotation. Repeating it is safe.
Exit status 0 if it was started (with --follow: if it succeeded), 1 if not."""
ROTATE_EXAMPLES: Final = """\
examples:
  vsync-rotation rotate --follow --secret-id acme_web/prod/VSYNC_CONFIG --profile production
"""
DEPLOY: Final = """\
Deploys a file of cdk/deployments: looks at the account, builds, shows what would change, asks; then the stacks that
survive, missing values, the stacks that can be replaced, and a first rotation of access keys that never rotated. It
refuses whatever would replace, rename or remove a secret, user, key, bucket or rotation schedule, delete a replica, or
encrypt a secret with another key. Running it again goes on where it ended.
Exit status 0 if it is deployed, 1 if something is in the way or you said no, 2 for a bad file or value."""
DEPLOY_EXAMPLES: Final = """\
examples:
  vsync-rotation deploy --deployment production --dry-run
  vsync-rotation deploy --deployment production
  vsync-rotation deploy --deployment production --yes --no-rotate --from values.json
  vsync-rotation deploy --deployment production --forget acme_web/test
"""
