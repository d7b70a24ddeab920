"""熟客本 starts here: the window without arguments, a headless command with them."""

import sys


def main() -> int:
    """Exit code of the command or window, in an environment that has everything it needs."""
    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()
    else:
        from installer import bootstrap

        bootstrap.ensure(bootstrap.SHOP_LOCK, sys.argv)
    if sys.argv[1:2] == ["read"]:  # the child process that reads foreign files: nothing else is loaded
        from shopcrm.excel.reader import main as read

        return read(sys.argv[2:])
    from ui.launch import main as launch

    return launch(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
