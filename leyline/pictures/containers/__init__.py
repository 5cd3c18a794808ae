"""What a file of each format holds around its pixels: what must be known is read, and the rest is left out.

A decoder gets a file in which nothing is but its pixels, so that no metadata, broken or hostile, can cost
a good picture. Each module here has a function `read`, which raises whatever comes to its mind for a file
that it cannot read. Danger: every number in a file may be a lie; nothing here loops or grows by one
without looking at how many bytes there really are.
"""
