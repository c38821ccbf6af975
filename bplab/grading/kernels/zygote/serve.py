"""The warm process: wait for requests, fork a kernel for each, report when it has ended."""

import contextlib
import gc
import json
import os
import select
import signal
import socket
import struct
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from . import confine, landlock
from . import linux as lx
from .keeper import EVERY, KERNEL, Family, children, keep, kill_below, too_much

_LARGEST = 1 << 16  # bytes of one request


def main(options: dict) -> None:
    """Become the process that kernels are forked from; serve until the other side is closed.

    Parameters
    ----------
    options : dict
        ``fd`` (the socket to the host), ``path`` (entries of ``sys.path``), ``preload``
        (modules), ``limits``, ``sandboxed`` (inside bubblewrap), ``drop_to`` (user and group
        id or None), ``users`` (the first of the users that kernels run as, one each, and how many
        there are, or None), ``filter`` (of system calls, in hexadecimal digits, or empty),
        ``opened`` (what may be opened behind Landlock, or None), ``nest`` (whether to try
        namespaces for each kernel).
    """
    gc.disable()  # everything that is imported stays
    host = socket.socket(fileno=options["fd"])
    os.set_inheritable(host.fileno(), False)
    confine.lift_what_is_inherited()
    sys.path[:] = [*options["path"], *sys.path]
    doors = _doors() if options["users"] else set()
    _become_nobody(options)
    from . import kernel

    kernel.warm_up(options["preload"])
    if (threads := kernel.threads()) != 1:
        raise RuntimeError(
            f"the modules {options['preload']} started {threads - 1} threads when they were "
            "imported; a process with threads cannot be forked safely"
        )
    nested = options["sandboxed"] and options["nest"] and _can_nest()
    host.send(json.dumps({"ready": True, "nested": nested}).encode())
    _Server(host, options, nested, kernel.run, doors).serve()


def _become_nobody(options: dict) -> None:
    if options["sandboxed"]:
        # bubblewrap covers parts of its /proc, and the system lets a kernel mount one of its own
        # only where a whole one can be seen
        with contextlib.suppress(OSError):
            lx.mount("proc", "/proc", "proc", lx.MS_NOSUID | lx.MS_NODEV | lx.MS_NOEXEC)
    if options["drop_to"] is not None:
        _become(*options["drop_to"])
    if options["sandboxed"]:
        lx.drop_capabilities()
    lx.prctl(lx.PR_SET_DUMPABLE, 0)  # no other process of this user may look inside
    with contextlib.suppress(OSError):
        lx.prctl(lx.PR_SET_CHILD_SUBREAPER, 1)


def _doors() -> set[int]:
    """Let other users import what only this one can reach; return the descriptors for that.

    A folder that is open can be entered whatever the folders above it allow. So root's kernels,
    which run as other users, can use Python and its packages if these are below ``/root``, and get
    no other right.
    """
    opened: dict[str, int] = {}
    for entry in sorted(filter(os.path.isdir, sys.path)):
        inside = any(entry.startswith(f"{folder}/") for folder in opened)
        if not inside and not _reached_by_all(entry):
            opened[entry] = os.open(entry, os.O_PATH)

    def through(path: str) -> str:
        for folder, handle in opened.items():
            if path == folder or path.startswith(f"{folder}/"):
                return f"/proc/self/fd/{handle}{path[len(folder) :]}"
        return path

    sys.path[:] = map(through, sys.path)
    sys.path_importer_cache.clear()
    for module in list(sys.modules.values()):
        if isinstance(getattr(module, "__path__", None), list) and module.__name__ != __package__:
            module.__path__ = list(map(through, module.__path__))
    return set(opened.values())


def _reached_by_all(folder: str) -> bool:
    ways = [os.stat(way).st_mode & 0o001 for way in Path(folder).parents]
    return os.stat(folder).st_mode & 0o005 == 0o005 and all(ways)


def _become(user: int, group: int) -> None:
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)


def _can_nest() -> bool:
    """Whether a kernel can have namespaces of its own."""
    uid, gid = os.geteuid(), os.getegid()
    try:
        child = lx.fork_into(confine.NAMESPACES)
    except OSError:
        return False
    if child == 0:
        status = 1
        try:
            confine.settle_as_first_process(1, uid, gid)
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


class _Server:
    def __init__(
        self,
        host: socket.socket,
        options: dict,
        nested: bool,
        run_kernel: Callable[..., None],
        doors: set[int],
    ) -> None:
        self.host = host
        self.limits = options["limits"]
        self.sandboxed = options["sandboxed"]
        self.users = options["users"]
        self.filter = bytes.fromhex(options["filter"])
        self.opened = options["opened"]
        self.doors = doors
        self.nested = nested
        self.run_kernel = run_kernel
        self.kernels: dict[int, tuple[int, socket.socket]] = {}  # by number: keeper, its orders
        # kernels that have killed their keepers, with the limit that they are over: such a kernel
        # is then noted as its own keeper
        self.adopted: dict[int, bytes] = {}
        self.families: dict[int, Family] = {}
        self.woken, writes = os.pipe()
        os.set_blocking(writes, False)
        os.set_blocking(self.woken, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writes, warn_on_full_buffer=False)

    def serve(self) -> None:
        poll = select.poll()
        poll.register(self.host, select.POLLIN)
        poll.register(self.woken, select.POLLIN)
        while True:
            ready = [handle for handle, _ in poll.poll(EVERY if self.adopted else None)]
            if self.woken in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self.woken, 4096)
            self.collect()
            self.watch()
            if self.host.fileno() in ready:
                data, handles, _, _ = socket.recv_fds(self.host, _LARGEST, 16)
                if not data:  # the host has gone
                    self.end()
                self.answer(json.loads(data), handles)

    def answer(self, request: dict, handles: list[int]) -> None:
        number = request["id"]
        if request["do"] == "start":
            try:
                self.start(number, request, handles)
            except OSError as error:
                self.say(id=number, event="failed", why=str(error))
            else:
                self.say(id=number, event="started")
            finally:
                for handle in handles:
                    os.close(handle)
        elif request["do"] in ("look", "tidy", "spare", "stop"):
            self.look(number, request["do"])
        elif number in self.kernels:
            keeper, orders = self.kernels[number]
            with contextlib.suppress(OSError):
                if request["do"] == "signal":
                    self.family(number).signal(request["signal"])
                elif self.nested or number in self.adopted:
                    os.kill(keeper, signal.SIGKILL)
                else:
                    orders.send(b"end")

    def look(self, number: int, do: str) -> None:
        """Do what is asked for with a kernel's processes; report how long they have run."""
        if number not in self.kernels:
            return  # its end has been reported
        family, ended = self.family(number), 0
        if do == "spare":
            family.spare()
        elif do == "stop":
            family.stop()
        elif do == "tidy":
            ended = family.end_what_is_left()
        self.say(id=number, event="looked", seconds=family.seconds(), ended=ended)

    def family(self, number: int) -> Family:
        if number not in self.families:
            self.families[number] = Family(self.kernels[number][0], number in self.adopted)
        return self.families[number]

    def say(self, **message: object) -> None:
        with contextlib.suppress(OSError):
            self.host.send(json.dumps(message).encode())

    def end(self) -> None:
        """End all kernels and this process; never returns."""
        if not self.sandboxed:  # in a sandbox the system does it: this is process 1
            for number, (keeper, orders) in self.kernels.items():
                orders.close()
                if number not in self.adopted:
                    with contextlib.suppress(OSError):
                        os.waitpid(keeper, 0)
            kill_below()
        os._exit(0)

    def collect(self) -> None:
        """Report the kernels that have ended."""
        with contextlib.suppress(ChildProcessError):
            while True:
                process, status = os.waitpid(-1, os.WNOHANG)
                if process == 0:
                    return
                for number, (keeper, _) in list(self.kernels.items()):
                    if keeper == process:
                        self.ended(number, os.waitstatus_to_exitcode(status))

    def ended(self, number: int, code: int) -> None:
        """Report a kernel whose keeper has ended; stand in for a keeper that was killed."""
        _, orders = self.kernels.pop(number)
        self.families.pop(number, None)
        kernel, why = _last_words(orders)
        if number in self.adopted:
            why = self.adopted.pop(number)
        elif not self.sandboxed and code < 0 and kernel in children():
            self.kernels[number] = (kernel, orders)
            self.adopted[number] = b""
            return
        if not self.sandboxed:
            kill_below(self.keepers())
        status = code if code >= 0 else 128 - code
        self.say(id=number, event="ended", status=status, why=why.decode())
        orders.close()

    def watch(self) -> None:
        """Hold adopted kernels to the limits that their keepers watched."""
        if self.adopted and not any(self.adopted.values()):
            kept = [
                self.kernels[number][0] for number in self.kernels if number not in self.adopted
            ]
            if why := too_much(confine.memory_of("self")[1], self.limits, kept):
                for number in self.adopted:
                    self.adopted[number] = why
                    os.kill(self.kernels[number][0], signal.SIGKILL)

    def keepers(self) -> list[int]:
        return [keeper for keeper, _ in self.kernels.values()]

    def start(self, number: int, request: dict, handles: list[int]) -> None:
        uid, gid = os.geteuid(), os.getegid()
        orders, their_orders = socket.socketpair()
        try:
            keeper = lx.fork_into(confine.NAMESPACES) if self.nested else os.fork()
        except OSError:
            orders.close()
            their_orders.close()
            raise
        if keeper == 0:
            self.become_keeper(request, handles, their_orders, uid, gid)
        their_orders.close()
        self.kernels[number] = (keeper, orders)

    def become_keeper(
        self, request: dict, handles: list[int], orders: socket.socket, uid: int, gid: int
    ) -> None:
        """Start the kernel as a child and keep it; never returns."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            *listening, errors, files = handles
            for standard in (1, 2):
                os.dup2(errors, standard)
            if self.nested:
                confine.settle_as_first_process(self.limits["tmp_mb"], uid, gid)
            else:
                lx.prctl(lx.PR_SET_CHILD_SUBREAPER, 1)
                os.setpgid(0, 0)  # a signal to the group of either does not end both
            home = request["home"]
            _unpack(files, home)
            user = None
            if self.users is not None:
                first, count = self.users
                user = first + os.getpid() % count
                for path in (home, *Path(home).rglob("*")):
                    os.chown(path, user, user)
            kernel = os.fork()
            if kernel == 0:
                self.become_kernel(request["key"], home, listening, user)
            _close_all_but({0, 2, orders.fileno()})
            status = keep(kernel, orders, self.limits, self.nested)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(min(status, 255))

    def become_kernel(self, key: str, home: str, listening: list[int], user: int | None) -> None:
        """Run the student's kernel; never returns."""
        try:
            os.setsid()
            # with namespaces or a user of its own, only its own processes count; else those of
            # others come and go, and the keeper finds out if one kernel has too many
            alone = self.nested or user is not None
            beside = (os.cpu_count() or 1) * self.limits["processes"]
            others = 0 if alone else confine.threads_of_user() + beside
            own = os.open("/proc/self", os.O_PATH)  # the same folder for as long as it is open
            _close_all_but({0, 1, 2, *listening, *self.doors, own})
            lx.bound_capabilities()
            if self.opened is not None:
                own_too = [(home, landlock.WRITE), (f"/proc/self/fd/{own}", landlock.READ)]
                landlock.restrict([*self.opened, *own_too])
            if user is not None:
                _become(user, user)
            lx.prctl(lx.PR_SET_DUMPABLE, 1)
            confine.lower_limits(self.limits, others)
            if not self.sandboxed:
                os.environ["TMPDIR"] = home
                os.environ["MPLCONFIGDIR"] = f"{home}/matplotlib"
                tempfile.tempdir = None  # find it again
            os.environ["HOME"] = home
            os.chdir(home)
            sys.path.append(home)  # "%%writefile m.py", then "import m"; last, so it hides nothing
            if self.filter:
                confine.filter_calls(self.filter)
            memory_mb = self.limits["memory_mb"]
            settled = partial(confine.lower_memory, memory_mb)
            self.run_kernel(key, listening, settled, terminals=self.opened is None)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        finally:
            os._exit(0)


def _last_words(orders: socket.socket) -> tuple[int, bytes]:
    """A keeper's last message: its kernel's process id, and which limit the kernel exceeded."""
    said = b""
    with contextlib.suppress(OSError):
        orders.setblocking(False)
        said = orders.recv(64)
    size = struct.calcsize(KERNEL)
    kernel = struct.unpack(KERNEL, said[:size])[0] if len(said) >= size else 0
    return kernel, said[size:]


def _close_all_but(kept: set[int]) -> None:
    for entry in os.listdir("/proc/self/fd" if lx.HERE else "/dev/fd"):
        if int(entry) not in kept:
            with contextlib.suppress(OSError):
                os.close(int(entry))


def _unpack(handle: int, home: str) -> None:
    """Write the submission's files: a line of JSON with names and sizes, then the bytes."""
    with os.fdopen(os.dup(handle), "rb") as file:
        file.seek(0)
        for name, size in json.loads(file.readline() or b"[]"):
            target = Path(home, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read(size))
