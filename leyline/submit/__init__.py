"""`leyline submit`: pictures on their way to a server, and what a person sees of it on a terminal.

The command's flags are left to `leyline.cli`, talking to the server to `leyline.client`.
"""
