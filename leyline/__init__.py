"""Leyline's core: the line, the store, the worker and the media of a task.

Nothing here knows HTTP (that is `web`), and nothing here runs a model (that is `model_proc`).
"""

__version__ = "0.1.0"
