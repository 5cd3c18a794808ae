"""The line: every task's row, each move of it, who stands where, and the fleet that makes them."""
