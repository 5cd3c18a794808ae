"""What keeps an installation well: a backup of it while it runs, its return, and a doctor that looks at all of it.

Needs no running server, and none of its rooms: what is looked at are the data folder's files.
"""
