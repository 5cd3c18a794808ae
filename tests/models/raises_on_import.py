"""Cannot even be imported."""

raise RuntimeError("no such accelerator")


class RaisesOnImport:
    pass
