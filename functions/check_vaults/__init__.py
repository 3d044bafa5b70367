"""Looks after vaults and their rotations: what drifted, what was torn, what is stuck, who has not restarted.

Invoked every 15 minutes with `{}` for every secret of both kinds, or by hand with `{"secret_id": ...}` for one. Where
the environment variable `VSYNC_ROTATION_SERVES` is set, `{}` means only the secrets whose tag
`vsync-rotation:served-by` is its value.

Its memory is one Systems Manager parameter per secret (`vsync_rotation.memory.checks`): an unchanged vault costs two
descriptions, the parameter and a HEAD per object; no secret is read and nothing is decrypted. A vault that is not on
AWS costs its config and writer secrets besides, since a remembered place is never trusted with credentials.

It changes a vault in four cases only, each by the code and the conditional writes of a rotation: a rotation that moved
a pointer and never came back is completed; generation and audit row that are missing after a promotion are written;
with the tag `vsync-rotation:heal` = `on`, what was pushed under the previous passphrase is put under the current one;
with `vsync-rotation:keep-bundles`, superseded bundles go. A paused secret is only looked at.

Its role needs
- on `*`: ListSecrets; on passphrase secrets: DescribeSecret, GetSecretValue, ListSecretVersionIds,
  UpdateSecretVersionStage; on config secrets: DescribeSecret, GetSecretValue and, where their key rotates,
  ListSecretVersionIds; on writer secrets: GetSecretValue; Decrypt with the secrets' keys;
- on the vaults' prefixes: GetObject, PutObject, AbortMultipartUpload, ListBucket; for pruning ListBucketVersions and
  DeleteObjectVersion, since every deletion names a version; Decrypt and GenerateDataKey with the bucket's key;
- GetParameter, PutParameter and DeleteParameter on `/vsync-rotation/checked/*`, GetParameter on
  `/vsync-rotation/restarted/*`, PutEvents on the default bus.

Every run may be repeated at any time, and beside a rotation, a push or another check.
"""
