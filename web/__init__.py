"""HTTP and WebSocket, translated to calls on the core.

Decides who is asking, what may come in and how often, and what an answer looks like; what becomes of a task is
left to the core.
"""
