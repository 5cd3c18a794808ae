"""`python -m leyline` is the `leyline` command."""

from leyline.cli import main

if __name__ == "__main__":
    main()
