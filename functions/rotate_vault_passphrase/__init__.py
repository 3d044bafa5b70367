"""Rotates the passphrase of a vsync vault: the Secrets Manager rotation function of kind `vault-passphrase`.

Secret: the passphrase as text, nothing else. Settings: tags, see `vsync_rotation.settings`.

createSecret validates settings, config and vault, and stores a new passphrase; setSecret uploads the live bundles,
re-encrypted, beside the old ones; testSecret opens what was uploaded and compares; finishSecret swaps the pointers and
moves AWSCURRENT, then counts the generation and appends the audit row.

Its role needs
- on the secret: DescribeSecret, GetSecretValue, PutSecretValue, UpdateSecretVersionStage; Decrypt and GenerateDataKey
  with its key;
- on the config secret, and the writer secret where there is one: GetSecretValue, and Decrypt with their key;
- on the vault's prefix: GetObject, PutObject, AbortMultipartUpload; and ListBucket on the bucket, without which a
  missing object looks like a denied one; Decrypt and GenerateDataKey with the bucket's key;
- PutEvents on the default bus.

Every step may be repeated at any time; a half-finished rotation is completed by running it again.
"""
