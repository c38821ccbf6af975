"""Student kernels: isolated from the machine and from each other, and fast to start.

================  ========================================================================
``limits``        how strictly a kernel is confined, and what it may use
``manager``       `KernelHost`, and managers of its kernels for all that use jupyter_client
``processes``     starts, signals and ends kernels as processes
``warm_process``  our side of the warm process that kernels are forked from
``zygote``        the code inside the warm process, which has Python, numpy and IPython loaded
``walls``         chooses the wall between kernels and the machine, or says why there is none
``bwrap``         the first wall, bubblewrap: what a kernel can see of the machine
``opened``        the second wall, Landlock: what a kernel may open
``calls``         which system calls a kernel may not make
``ending``        ends processes with all that they have started
``fonts``         matplotlib's lists of this machine's fonts, so that kernels need not search
================  ========================================================================

`KernelHost` keeps a warm process in bubblewrap and forks a kernel from it for each
submission; `KernelHost.start` returns a jupyter_client manager for nbclient::

    with KernelHost(edition, isolation=AUTO, limits=Limits(memory_mb=1024)) as host:
        manager = host.start(files={"data.csv": data})
        NotebookClient(notebook, km=manager).execute(cleanup_kc=True)
"""

from importlib import import_module
from typing import Any

from bplab.grading.kernels.limits import AUTO, BWRAP, LANDLOCK, NONE, UNPROTECTED, Isolation, Limits

# modules that need jupyter_client are loaded when they are first used
_LATER = {
    "IsolationError": "walls",
    "KernelHost": "manager",
    "KernelStartError": "processes",
    "RunningKernel": "processes",
    "WarmKernelClient": "manager",
    "WarmKernelManager": "manager",
    "WarmProvisioner": "manager",
    "WeakerIsolationWarning": "processes",
    "choose": "walls",
    "end_tree": "ending",
    "kernel_manager": "manager",
    "package_folders": "bwrap",
}

__all__ = ["AUTO", "BWRAP", "LANDLOCK", "NONE", "UNPROTECTED", "Isolation", "Limits", *_LATER]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
