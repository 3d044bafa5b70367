"""An embedded AWS for Secrets Manager rotation functions, in one process and without a network.

To run somebody else's rotation function: open a `World`, `deploy` the function's handler (any callable taking an
event and a context) under a name, create the secret with `world.client("secretsmanager")`, name the function in an
ordinary `rotate_secret(SecretId=..., RotationLambdaARN=...)` and call `world.rotation_service.run()`. The service then
invokes the four steps as AWS does, and `world.requests`, `world.events`, `world.log_lines`, `world.trail` and
`world.raised` tell what happened. docs/simulator.md has a complete example.
"""

from simulator.world import World

__all__ = ["World"]
