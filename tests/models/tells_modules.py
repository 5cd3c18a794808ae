"""Not a crime: says in its error which modules its process has loaded."""

import sys


class TellsModules:
    def load(self):
        pass

    def generate(self, image, clip, report):
        forbidden = ("tornado", "sqlite3", "sqlite_utils", "leyline.line.store", "web")
        raise RuntimeError("loaded: " + " ".join(name for name in forbidden if name in sys.modules))
