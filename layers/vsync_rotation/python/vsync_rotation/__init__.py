"""The shared runtime of the vsync rotation functions.

Formats, keys, vault and engine know no AWS SDK; `aws` implements what they ask for. SPEC.md beside this file numbers
the format rules that the code cites. Importing this package executes nothing.
"""
