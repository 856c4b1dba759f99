"""`python -m scorecore_cli`, where no script is installed."""

from scorecore_cli.start import main

if __name__ == "__main__":
    main()
