"""A student kernel sees, reaches, uses and leaves behind nothing but its own."""

import secrets
import socket
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

import bplab
from bplab.grading.kernels import BWRAP, KernelHost
from bplab.grading.kernels import bwrap as bubblewrap
from bplab.grading.kernels.bwrap import HOME, TMP
from tests.grading.kernels import tools
from tests.grading.kernels.tools import SMALL, Died, Kernel, kernel, refused
from tests.grading.waiting import wait_until

pytestmark = [
    pytest.mark.xdist_group("kernels"),
    pytest.mark.skipif(bool(bubblewrap.why_not()), reason=bubblewrap.why_not() or "-"),
]


@pytest.fixture(scope="module")
def host(edition, tmp_path_factory):
    fonts = tmp_path_factory.mktemp("fonts")
    tools.list_fonts(fonts, Shown="/usr/share/shown.ttf", Hidden="/srv/hidden.ttf")
    (fonts / "fontlist-v1.json").write_text("{")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLCONFIGDIR", str(fonts))
        patch.setenv("BPLAB_SECRET", "a secret of the environment")
        patch.setenv("PYTHONPATH", "a value of the caller")
        with KernelHost(edition, isolation=BWRAP, limits=SMALL) as host:
            yield host


# what it has ---------------------------------------------------------------------------------


def test_it_has_the_edition_numpy_and_the_agent(shared):
    assert shared.run("import bplab, bplab.late; print(bplab.edition)") == "the small one"
    assert shared.run("import numpy as np; print(np.eye(2).sum())") == "2.0"
    assert shared.run("print(agent_of)") == "IPythonKernel"


def test_it_compiles_nothing_and_looks_for_no_font_again(shared):
    assert shared.run("import bplab.compiled; print(bplab.compiled.found)") == "as compiled"
    fonts = shared.run(tools.LISTED)
    assert "'Shown'" in fonts
    assert "'DejaVu Sans'" in fonts
    assert "Hidden" not in fonts  # its file is


LOADED = "import sys; print('matplotlib.pyplot' in sys.modules)"
DRAWS = "import matplotlib.pyplot as plt; plt.plot([1, 2]);"


def test_what_draws_is_loaded_where_that_is_wanted(shared, edition):
    assert shared.run(LOADED) == "False"
    cells = [nbformat.v4.new_code_cell(code) for code in (LOADED, DRAWS)]
    with KernelHost(edition, isolation=BWRAP, preload=("bplab", "matplotlib.pyplot")) as host:
        notebook = nbformat.v4.new_notebook(cells=cells)
        NotebookClient(notebook, km=host.start()).execute(cleanup_kc=True)
    assert cells[0].outputs[0].text == "True\n"
    assert "image/png" in cells[1].outputs[-1].data


def test_a_notebook_runs_with_nbclient_as_it_is(host):
    cells = [
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]);",
        "import warnings; warnings.warn('careful')",
        "!echo from a shell",
        "open('mine.txt', 'w').write('x')\nprint(open('given/data.csv').read())",
        "import ipywidgets; ipywidgets.IntSlider()",
        "1 / 0",
        "6 * 7",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    manager = host.start({"given/data.csv": b"1,2"})
    NotebookClient(notebook, km=manager, allow_errors=True).execute(cleanup_kc=True)
    outputs = [cell.outputs for cell in notebook.cells]
    assert "image/png" in outputs[0][0].data
    assert outputs[1][0].name == "stderr"
    assert "careful" in outputs[1][0].text
    assert outputs[2][0].text.strip() == "from a shell"
    assert outputs[3][-1].data["text/plain"] if len(outputs[3]) > 1 else True
    assert "1,2" in outputs[3][0].text
    assert "application/vnd.jupyter.widget-view+json" in outputs[4][0].data
    assert outputs[5][0].ename == "ZeroDivisionError"
    assert outputs[6][0].data["text/plain"] == "42"
    assert notebook.metadata.language_info.name == "python"
    assert not manager.has_kernel


def test_a_manager_restarts_its_kernel_for_the_same_client(host):
    with kernel(host) as one:
        one.run("x = 1")
        one.runner.run(one.manager.restart_kernel(now=True))
        one.runner.run(one.client.wait_for_ready(timeout=60))
        refused(one, "print(x)", "NameError")


def test_kernels_draw_the_same_numbers(host):
    drawn = "import random, numpy as np; print(random.random(), np.random.rand())"
    with kernel(host) as one, kernel(host) as other:
        assert one.run(drawn) == other.run(drawn)


def test_they_do_so_however_often_they_were_asked_what_they_are(host):
    with kernel(host) as one, kernel(host) as other:
        for _ in range(2):
            one.runner.run(one.client.wait_for_ready(timeout=60))
        drawn = "import random; print(random.random())"
        assert one.run(drawn) == other.run(drawn)


def test_a_name_that_leads_out_of_the_folder_is_refused(host):
    for name in ("../up", "/etc/passwd", ""):
        with pytest.raises(ValueError, match="relative name"):
            host.start({name: b""})


# what it sees --------------------------------------------------------------------------------


def test_no_file_of_the_course_nor_of_the_installed_bplab_can_be_seen(shared, tmp_path):
    course = tmp_path / "course"
    course.mkdir()
    for name in ("secret.txt", "gradebook.db"):
        (course / name).write_text("marks")
        refused(shared, f"open({str(course / name)!r})", "FileNotFoundError")
    package = Path(bplab.__file__).parent
    for path in (package / "exercises", package.parent / "course", Path.home()):
        refused(
            shared, f"import os; open({str(path / 'x')!r}, 'w')", "FileNotFoundError", "OSError"
        )
    # wherever they may lie
    found = shared.run(
        "import os\n"
        "def text(path):\n"
        "    try: return open(path).read()\n"
        "    except OSError: return ''\n"
        "for top, folders, files in os.walk('/'):\n"
        "    if top == '/': folders[:] = sorted({*folders} - {'proc', 'sys'})\n"
        "    for name in (*folders, *files):\n"
        "        path = os.path.join(top, name)\n"
        "        if name in ('mistakes.py', 'diagnosis.py', 'secret.txt'): print(path)\n"
        "        if 'bplab' in name and top.endswith('-packages') or 'packages/' in top:\n"
        "            if 'bplab' in name and (os.path.isdir(path) and os.listdir(path) or"
        " os.path.isfile(path) and text(path)): print(path)\n",
        seconds=60,
    )
    assert found == ""
    refused(shared, "import bplab.exercises", "ModuleNotFoundError")
    known = "import importlib.metadata as known; print(known.files('bplab'))"
    assert shared.run(known) == "None"


def test_only_its_own_processes_are_seen(shared):
    text = shared.run(
        "import os\n"
        "print(sorted(p for p in os.listdir('/proc') if p.isdigit()), os.getuid(), os.getgroups())"
    )
    assert text == "['1', '2'] 1000 []"
    for name in ("environ", "fd", "mem", "root", "cwd", "maps"):
        refused(
            shared,
            f"import os; p='/proc/1/{name}'\n"
            "os.listdir(p) if os.path.isdir(p) or p.endswith('fd') else open(p, 'rb').read(1)",
            "PermissionError",
            "FileNotFoundError",
            "NotADirectoryError",
        )


def test_it_holds_no_file_of_those_who_keep_it(host):
    with kernel(host, {"a.txt": b"1"}) as one:
        text = one.run(
            "import os, socket, stat\n"
            "names = os.listdir('/proc/self/fd')\n"  # its own is closed now, and a copy may take it
            "for name in [name for name in names if os.path.exists('/proc/self/fd/' + name)]:\n"
            "    try: mode = os.fstat(int(name)).st_mode\n"
            "    except OSError: continue\n"
            "    if stat.S_ISREG(mode): print('file', os.readlink('/proc/self/fd/' + name))\n"
            "    if stat.S_ISSOCK(mode):\n"
            "        one = socket.socket(fileno=os.dup(int(name)))\n"
            "        listens = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)\n"
            "        print(one.type.name, listens, type(one.getsockname()).__name__)\n"
        ).splitlines()
    # four that the client is connected to, and the agent's; a pair for each loop has no name
    assert text.count("SOCK_STREAM 1 str") == 5
    named = {line for line in text if not line.endswith("bytes")}
    assert named <= {"SOCK_STREAM 1 str", "SOCK_STREAM 0 str", "SOCK_STREAM 1 tuple"}


def test_the_environment_is_clean(shared):
    text = shared.run("import os; print('\\n'.join(f'{k}={v}' for k, v in os.environ.items()))")
    assert "secret" not in text.lower()
    assert "NBGRADER_EXECUTION=autograde" in text
    assert "a value of the caller" not in text


def test_another_kernels_files_and_sockets_are_out_of_reach(host, shared):
    with kernel(host, {"answer.txt": b"7"}) as other:
        other.run(f"open('{TMP}/mine', 'w').write('x'); open('/dev/shm/mine', 'w').write('x')")
        for name in (f"{TMP}/mine", "/dev/shm/mine", f"{HOME}/answer.txt"):
            refused(shared, f"open({name!r})", "FileNotFoundError")
        address = f"{other.known.address}-1"
        assert Path(address).is_socket()
        connect = f"import socket; socket.socket(socket.AF_UNIX).connect({address!r})"
        refused(shared, connect, "FileNotFoundError")


def test_there_is_no_network(shared):
    with socket.create_server(("127.0.0.1", 0)) as here:
        code = f"import socket; socket.create_connection(('127.0.0.1', {here.getsockname()[1]}), 2)"
        refused(shared, code, "ConnectionRefusedError", "OSError")
    name = "\0" + secrets.token_hex(8)
    with socket.socket(socket.AF_UNIX) as here:
        here.bind(name)
        here.listen()
        code = f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"
        refused(shared, code, "ConnectionRefusedError")
    code = "import socket; socket.create_connection(('192.0.2.1', 80), 2)"
    refused(shared, code, "OSError", "TimeoutError")


def test_nothing_can_be_written_but_its_home_tmp_and_shm(shared):
    text = shared.run(
        "import os\n"
        "for top in ['/', '/usr', '/etc', '/dev', '/run', '/var', '/opt', '/opt/bplab/edition',"
        " '/opt/bplab/edition/bplab', '/home', '/root', '/proc', os.path.dirname(os.__file__),"
        " os.path.dirname(__import__('numpy').__file__), '/tmp', '/home/student', '/dev/shm']:\n"
        "    try:\n"
        "        open(top + '/new', 'w').close(); os.unlink(top + '/new'); print(top)\n"
        "    except OSError: pass\n"
    )
    assert text.split() == ["/tmp", "/home/student", "/dev/shm"]


def test_it_gains_no_rights_and_no_namespaces(shared):
    text = shared.run("print(open('/proc/self/status').read())")
    status = dict(line.split(":\t") for line in text.splitlines() if ":\t" in line)
    assert {int(status[f"Cap{which}"], 16) for which in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {0}
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    call = "import ctypes, os; c = ctypes.CDLL(None, use_errno=True); "
    for what in ("unshare(0x10000000)", "memfd_create(b'x', 0)", "ptrace(16, 1, 0, 0)"):
        assert shared.run(call + f"print(c.{what}, ctypes.get_errno())") == "-1 1"


# how it ends ---------------------------------------------------------------------------------


def test_daemons_and_threads_are_gone_after_the_end(host):
    token = secrets.token_hex(8)
    with kernel(host) as one:
        one.run(
            "import os, subprocess, threading, time\n"
            "threading.Thread(target=time.sleep, args=(600,)).start()\n"
            "if os.fork() == 0:\n"
            "    os.setsid()\n"
            "    if os.fork() == 0:\n"
            "        for s in range(1, 32):\n"
            "            try: __import__('signal').signal(s, 1)\n"
            "            except (OSError, ValueError): pass\n"
            f"        os.execv('/bin/sh', ['sh', '-c', 'while :; do sleep 1; done; : {token}'])\n"
            "    os._exit(0)\n"
        )
        wait_until(lambda: tools.processes_with(token), 20)
    assert not tools.processes_with(token)


def test_it_cannot_kill_what_keeps_it(host, shared):
    with kernel(host) as one:
        text = one.run(
            "import os, signal\n"
            "for p in (1, os.getppid()):\n"
            "    for s in (9, 15, 19): os.kill(p, s)\n"
            "alive = []\n"
            "for p in range(3, 40000):\n"
            "    try: os.kill(p, 0); alive.append(p)\n"
            "    except ProcessLookupError: pass\n"
            "print(os.getppid(), [p for p in alive if not os.path.exists(f'/proc/2/task/{p}')])"
        )
        assert text == "1 []"
        assert one.alive()
    assert shared.run("print(1 + 1)") == "2"
    with kernel(host) as one:
        refused(one, "import os; os.kill(-1, 9)", "ProcessLookupError")  # there is nobody else
        with pytest.raises(Died):
            one.run("os.kill(0, 9); import time; time.sleep(20)")
    assert shared.run("print(1 + 1)") == "2"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("import os; os._exit(3)", 3),
        ("import os; os.kill(os.getpid(), 9)", 137),
        ("import ctypes; ctypes.string_at(0)", 139),
    ],
)
def test_a_dead_kernel_is_noticed(host, code, status):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    manager = host.start()
    known = manager.kernel
    with pytest.raises(DeadKernelError):
        NotebookClient(notebook, km=manager).execute(cleanup_kc=True)
    assert known.status == status
    assert not Path(f"{known.address}-1").exists()


def test_an_interrupt_stops_an_endless_loop(host):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(c) for c in ("while True: pass", "print('later')")]
    )
    client = NotebookClient(
        notebook, km=host.start(), timeout=1, interrupt_on_timeout=True, allow_errors=True
    )
    client.execute(cleanup_kc=True)
    assert notebook.cells[0].outputs[0].ename == "KeyboardInterrupt"
    assert notebook.cells[1].outputs[0].text == "later\n"


def test_a_loop_that_catches_interrupts_is_killed(host):
    one = Kernel(host)
    endless = (
        "import time\nwhile True:\n  try:\n    while True: time.sleep(0.01)\n"
        "  except BaseException: pass"
    )
    with pytest.raises(TimeoutError):
        one.run(endless, seconds=1)
    one.interrupt()
    with pytest.raises(TimeoutError):
        one.run("print('heard')", seconds=1)
    one.stop()
    assert one.known.status == 137


def test_what_is_written_past_the_notebook_reaches_no_terminal(host, capfd):
    with kernel(host) as one:
        said = one.run(
            "import os, sys\n"
            "raw = sys.stderr._original_stdstream_copy\n"
            "for n in range(50): os.write(raw, b'raw %d\\n' % n)\n"
            "print('seen')"
        )
        assert said == "seen"
        assert one.manager.last_words() == [f"raw {n}" for n in range(30, 50)]
        # a flood is lost, and stops nobody
        flood = "for n in range(3000):\n  try: os.write(raw, bytes(1000))\n  except OSError: pass"
        one.run(flood)
    assert capfd.readouterr() == ("", "")
