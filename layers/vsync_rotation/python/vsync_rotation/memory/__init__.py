"""What functions remember between invocations: one Systems Manager parameter per secret and writing function.

A parameter has one writer, because the service has no conditional write: two functions that shared one would lose each
other's entries. Nothing here is needed for safety. A lost or damaged memory costs a repeated restart, event or check.
"""
