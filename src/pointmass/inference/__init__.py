"""The sweep, the one loop that repeats it, and what starts and accelerates it."""
