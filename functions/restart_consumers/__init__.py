"""Restarts what a secret's tags declare, once its rotation has finished.

Secret: any of both kinds; its value is never read. Invoked by an EventBridge rule on `Rotation Finished` and
`Consumers Restarting` of the source `vsync.rotation`, asynchronously and at least once.

Its role needs
- DescribeSecret on the secrets, GetParameter and PutParameter on `/vsync-rotation/restarted/*`, PutEvents on the
  default bus; for each kind of consumer in use what docs/consumers.md says.

To recover: put the event on the bus again. What is restarted for that version is not restarted twice.
"""
