"""Pictures of the page in each of its states, on each kind of screen, light and dark: `make screenshots`.

A state is a row of a table: its name, and what brings the page there. `studio` takes it on every screen; `chosen`
says which few of all these pictures are kept with the documents. Leaves judging them to people.
"""
