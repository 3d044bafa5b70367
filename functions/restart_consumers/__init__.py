"""Restarts what a secret's tags declare, once its rotation has finished.

Secret: any of both kinds; its value is never read. Invoked by an EventBridge rule on `Rotation Finished` and
`Consumers Restarting` of the source `vsync.rotation`, asynchronously and at least once.
IAM actions: secretsmanager:DescribeSecret on the secrets, ssm:GetParameter and ssm:PutParameter on
`/vsync-rotation/restarted/*`, events:PutEvents on the default bus; for each kind in use what docs/consumers.md says.
To recover: put the event on the bus again. What is restarted for that version is not restarted twice.
"""
