"""Running something where no event loop runs: Playwright's sync API wants that."""

from concurrent.futures import ThreadPoolExecutor


def in_thread(function, *arguments, **named):
    """Call a function in a thread of its own and return what it returns.

    Once pytest-playwright has opened a browser, its loop runs in the tests' own thread to the end.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(function, *arguments, **named).result()
