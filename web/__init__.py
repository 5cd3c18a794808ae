"""HTTP and WebSocket, translated to calls on the core. Decides nothing."""
