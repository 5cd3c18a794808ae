"""Watching a video without getting it: views and their keys, viewing links, encryption."""
