"""Rotates an IAM access key: the Secrets Manager rotation function of kind `iam-access-key`.

Secret: a `vsync-cfg-v1:` blob, the location it is first made from, or a JSON key pair. Settings: tags, see
`vsync_rotation.settings`; memory: tags on the IAM user, see `vsync_rotation.keys.marks`.

createSecret makes a key beside the current one and stores the re-minted value; setSecret does nothing, a key is live
once made; testSecret proves the new key with nothing but itself; finishSecret moves AWSCURRENT and marks the old key
superseded. The old key stays usable: nothing here ends its life but a later createSecret that needs its slot, and then
only by the table of SPEC 13.3.

Its role needs
- on the secret: DescribeSecret, GetSecretValue, ListSecretVersionIds, PutSecretValue, UpdateSecretVersionStage;
  Decrypt and GenerateDataKey with its key;
- on the user: CreateAccessKey, DeleteAccessKey, GetAccessKeyLastUsed, ListAccessKeys, ListUserTags, TagUser, UntagUser,
  UpdateAccessKey;
- PutEvents on the default bus, and on `*` DescribeAlarms where a deletion alarm is named;
- nothing on any bucket: the vault is read with the new key alone.

Every step may be repeated at any time. A key that a crash left behind is found and removed by the next createSecret.
"""
