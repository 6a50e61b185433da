"""``python -m stackcast`` is the ``stackcast`` command."""

from stackcast.cli import main

if __name__ == "__main__":
    main()
