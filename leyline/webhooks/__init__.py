"""Webhooks: what becomes of a task is told to receivers elsewhere, at least once, in order, and for a day."""
