"""Who is asking and may they: signatures, access keys and policies, checked in front of moto for every service."""
