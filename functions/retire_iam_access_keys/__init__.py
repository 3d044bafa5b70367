"""Ends the life of superseded access keys: deactivates them, later deletes them, and says why one has to wait.

Invoked hourly with `{}` for every secret of kind `iam-access-key`, or by hand with `{"secret_id": ...}` for one; with
`"revoke": true` besides (a leak) it deactivates the superseded key at once, or the key that `"access_key_id"` names.
Where the environment variable `VSYNC_ROTATION_SERVES` is set, `{}` means only the secrets whose tag
`vsync-rotation:served-by` is its value; whether two secrets name one user is seen over all of them all the same.

Its only memory is the tags on the IAM users, see `vsync_rotation.keys.marks`; what is next for a key is decided in
`vsync_rotation.keys.retirement`.

Its role needs
- on `*`: ListSecrets, and DescribeAlarms where a deletion alarm is named (composite alarms are told to nothing less);
- on the secrets: DescribeSecret, GetSecretValue, ListSecretVersionIds; Decrypt with their key;
- on the users: DeleteAccessKey, GetAccessKeyLastUsed, ListAccessKeys, ListUserTags, TagUser, UntagUser,
  UpdateAccessKey;
- GetParameter on `/vsync-rotation/checked/*` and `/vsync-rotation/restarted/*`, PutEvents on the default bus.

Every run may be repeated at any time, and two at once do no harm: each acts only on what two looks agree on, every
request may be sent twice, and a key that a label holds after all gets its status back.
"""
