"""Pictures of every kind that a file can be, or can be broken in, each made here byte by byte where it must be.

A table `SAME` has those that show `scene()` whatever is written around its pixels, `OTHER` those of which
only a browser knows how they look, `REFUSED` those that lack something, or that nobody reads.
"""
