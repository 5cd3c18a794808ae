"""Leyline's core, in rooms by noun: the line, the way in, pictures, watching, the kept processes, and the client.

`web` speaks HTTP for it and `model_proc` is the model's process; nothing in here imports either.
"""

__version__ = "0.1.0"
