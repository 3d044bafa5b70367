"""What Lambda runs, as zips: one layer with the shared package and its wheels, and one zip for each function.

No docker and no compiler: the wheels are fetched for the target's platform, everything else is text. The same sources
give the same bytes, wherever and whenever they are packed. Imports nothing of the functions and no construct library.
"""
