"""One module per kind of consumer; `registry` says which kind is whose."""
