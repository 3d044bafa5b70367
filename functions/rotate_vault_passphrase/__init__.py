"""Rotates the passphrase of a vsync vault: the Secrets Manager rotation function of kind `vault-passphrase`.

Secret: the passphrase as text, nothing else. Settings: tags, see `vsync_rotation.settings`.

createSecret validates settings, config and vault, and stores a new passphrase; setSecret uploads the live bundles,
re-encrypted, beside the old ones; testSecret opens what was uploaded and compares; finishSecret swaps the pointers and
moves AWSCURRENT, then counts the generation and appends the audit row.

Every step may be repeated at any time; a half-finished rotation is completed by running it again.
"""
