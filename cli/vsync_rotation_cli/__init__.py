"""The operator's command `vsync-rotation`: `demo` and `decode`, each a folder of its own."""
