"""Many machines, one line: how workers join the front door, and what travels between them.

Imported only where a cluster is: what it needs is an extra, and one machine alone needs none of it.
"""
