"""Keys and ciphers: bytes in, bytes out; no parsing, no input or output."""
