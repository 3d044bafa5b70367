"""What each role may do, a module a role: pure functions from vaults to statements, with the reason beside each `*`."""
