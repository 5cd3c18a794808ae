"""The dedicated model process: loads one model once, then turns one picture at a time into a video.

Runs in a child of the server and knows it only through `leyline.processes.protocol`.
"""
