"""What a kernel sends while a cell runs, and what it replies: message by message, in any order."""

import asyncio
import socket
from collections.abc import Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any

import nbformat
from hypothesis import strategies as st
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.session import Session as Signing
from nbformat import NotebookNode

from bplab.grading.inert import inert
from bplab.grading.judge import session
from bplab.grading.judge.agent import KEPT
from bplab.grading.judge.session import KernelGone, NotKept, StudentClient, TimeIsUp
from bplab.grading.judge.wire import Line
from tests.grading.judge.fuzz.mutations import as_json, lowered, mutated
from tests.grading.judge.fuzz.shown import BUNDLES, HTML, check_inert

OUTPUT_BYTES, OUTPUTS = 15_000, 6
OURS = "a1"
"""Id of the order that all this is about."""

# --- what comes -------------------------------------------------------------------------------

TEXTS = ("a", "b\n", "\x1b[31mx", "x" * 6_000, *HTML)


def _contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """What honest messages say, by their kind."""
    for text in TEXTS:
        yield "stream", {"name": "stdout", "text": text}
        yield "error", {"ename": "E", "evalue": text, "traceback": [text, "x"]}
    yield "stream", {"name": "stderr", "text": "c"}
    for i, data in enumerate(BUNDLES):
        for id in ("d", ["d", "e", None][i % 3]):
            shown = {"data": data, "metadata": {}, "transient": {"display_id": id} if id else {}}
            yield "display_data", shown
            yield "update_display_data", shown
            yield "execute_result", {**shown, "execution_count": 3}
    for wait in (True, False) * 4:
        yield "clear_output", {"wait": wait}
    for _ in range(3):
        yield "status", {"execution_state": "busy"}
        yield "execute_input", {"code": "1", "execution_count": 3}
    yield "comm_open", {"comm_id": "c", "target_name": "jupyter.widget", "data": {"state": {}}}
    yield "comm_msg", {"comm_id": "c", "data": {"method": "update", "state": {"a": 1}}}


def _message(kind: str, content: Any, ours: str = OURS) -> dict[str, Any]:
    """A message as the kernel's own session makes it."""
    header = {"msg_id": "k", "msg_type": kind, "username": "u", "session": "s", "version": "5.4"}
    header["date"] = "2026-01-01T00:00:00.000000Z"
    parent = {**header, "msg_id": ours, "msg_type": "execute_request"}
    return {"header": header, "parent_header": parent, "metadata": {}, "content": content}


MESSAGES = st.sampled_from([_message(*content) for content in _contents()])


@cache
def _signing() -> Signing:
    return Signing(key=b"of the kernel", digest_history_size=0)


def _packed(message: Any) -> list[bytes]:
    """The parts that go through the socket, signed: a student's cell has the key."""
    if not isinstance(message, dict):
        return [b"<IDS|MSG>", as_json(message)]
    parts = [as_json(part) for part in message.values()]
    return [b"x", b"<IDS|MSG>", _signing().sign(parts), *parts]


@st.composite
def sequences(draw) -> tuple[list[Any], list[list[bytes]]]:
    """Messages in any order: their parts; and, if all of them are honest, what they say."""
    messages = draw(st.lists(MESSAGES, max_size=draw(st.sampled_from([3, 8, 8, 20]))))
    if draw(st.integers(0, 3)) == 0:
        return messages, [_packed(message) for message in messages]
    said = []
    for message in messages or [draw(MESSAGES)]:
        if draw(st.integers(0, 2)):
            what = draw(st.sampled_from(["content"] * 3 + ["all"]))
            if what == "all":
                message = draw(mutated(message))
            else:
                message = {**message, what: draw(mutated(message[what]))}
        parts = _packed(message)
        match draw(st.sampled_from([*("",) * 9, "drop", "sign", "more"])):
            case "drop":
                parts = parts[: draw(st.integers(0, len(parts) - 1))]
            case "sign":
                parts[-1] += b" "
            case "more":
                parts.append(b"a buffer")
        said.append(parts)
    return [], said


REPLIES = {
    "kept": _message(KEPT, {"kept": True}),
    "none": _message(KEPT, {"undefined": True}),
    "not": _message(KEPT, {}),
    "other": _message("execute_reply", {"status": "ok"}, "another"),
}


@st.composite
def orders(draw) -> tuple[list[list[bytes]], Any]:
    """Replies to the order to keep a function; what a cell's reply says."""
    replies = draw(st.lists(st.sampled_from(list(REPLIES.values())), min_size=1, max_size=3))
    said = [_packed(draw(mutated(reply))) for reply in replies]
    ran = {"content": {"status": "ok", "payload": [{"source": "ask_exit"}, {"source": "page"}]}}
    return said, draw(mutated(ran))


# --- what is made of it -----------------------------------------------------------------------


class _Socket:
    """Gives what was sent, part by part."""

    def __init__(self, messages: list[list[bytes]]):
        self._messages = iter(messages)

    async def poll(self, timeout: Any) -> bool:
        return True

    async def recv_multipart(self) -> list[bytes]:
        if (parts := next(self._messages, None)) is None:
            raise AssertionError("it waits for more than was sent")
        return parts

    def send_multipart(self, parts: Any, **_: Any) -> None:
        pass


def _channel(messages: list[list[bytes]]) -> AsyncZMQSocketChannel:
    channel = AsyncZMQSocketChannel.__new__(AsyncZMQSocketChannel)
    channel.socket, channel.session = _Socket(messages), _signing()  # type: ignore[assignment]
    return channel


class _Manager:
    """Of a kernel that lives."""

    kernel = None

    def __init__(self, connection: Any = None):
        self.connect = lambda: connection

    async def is_alive(self) -> bool:
        return True

    async def interrupt_kernel(self) -> None:
        pass

    async def shutdown_kernel(self, now: bool) -> None:
        pass

    def look(self, do: str = "") -> None:
        return None


@cache
def _loop() -> asyncio.Runner:
    return asyncio.Runner()


END = "the last words"


def listen(honest: list[Any], said: list[list[bytes]]) -> None:
    """A client hears all of it until the cell has run; honest messages show what they should."""
    last = [_message("stream", {"name": "stdout", "text": END})]
    idle = _message("status", {"execution_state": "idle"})
    cell = nbformat.v4.new_code_cell("1")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    cell = notebook.cells[0]
    cell.metadata["execution"] = {}  # as nbclient does before
    with lowered(session, OUTPUT_BYTES=OUTPUT_BYTES, OUTPUTS=OUTPUTS):
        client = StudentClient(notebook, _Manager())
        client.clear_before_next_output = False  # so does nbclient
        parts = [*said, *map(_packed, last), *map(_packed, [idle] * 3)]
        client.kc = SimpleNamespace(iopub_channel=_channel(parts))
        _loop().run(client._async_poll_output_msg(OURS, cell, 0))
    assert _characters(cell.outputs) <= OUTPUT_BYTES, "more is kept than may be"
    assert len(cell.outputs) <= OUTPUTS + 1, "many outputs"
    if said and not honest and not client._idle:
        raise AssertionError("the end of the cell was not heard")
    if not client.flooded and not _ended_before(said):
        assert END in "".join(str(o.get("text", "")) for o in cell.outputs), "an output is lost"
        if honest or not said:
            _is_shown(cell.outputs, honest + last)
    inert(notebook)
    check_inert(notebook)


def _ended_before(said: list[list[bytes]]) -> bool:
    """Whether one of the messages may have said that the cell has run."""
    return any(b'"idle"' in part for parts in said for part in parts)


def _characters(value: Any) -> int:
    """Of all text in outputs."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_characters, value.values()))
    return sum(map(_characters, value)) if isinstance(value, list) else 0


def _is_shown(outputs: list[NotebookNode], messages: list[Any]) -> None:
    """Whether outputs are what Jupyter's protocol says of these messages."""
    shown: list[tuple[str, Any]] = []
    ids: list[Any] = []
    clear = False
    for message in messages:
        kind, content = message["header"]["msg_type"], message["content"]
        id = content.get("transient", {}).get("display_id")
        if id and kind.endswith(("display_data", "execute_result")):
            for i, other in enumerate(ids):
                if other == id:
                    shown[i] = (shown[i][0], content["data"])
        if kind == "clear_output":
            if content["wait"]:
                clear = True
            else:
                shown, ids = [], []
        elif kind in ("stream", "display_data", "execute_result", "error"):
            if clear:
                shown, ids, clear = [], [], False
            what = content.get("data", content.get("evalue"))
            if kind == "stream":
                kind, what = content["name"], content["text"]
            shown.append((kind, what))
            ids.append(id)
    came = [
        (o.get("name", o.output_type), o.get("text", o.get("data", o.get("evalue"))))
        for o in outputs
    ]
    assert came == shown, "other outputs than the kernel has sent"


def reply(said: list[list[bytes]], ran: Any) -> None:
    """A function is kept, is not there, or is not kept: nothing else comes of a reply."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        Line(theirs).send({})
        client = StudentClient(nbformat.v4.new_notebook(), _Manager(ours))
        replies = [*said, _packed(REPLIES["kept"])]
        signing = SimpleNamespace(msg=lambda kind, content: _message(kind, content) | _ORDER)
        shell = _channel(replies)
        shell.send = lambda message: None  # type: ignore[method-assign]
        client.kc = SimpleNamespace(session=signing, shell_channel=shell)
        try:
            kept = _loop().run(client.keep("f"))
        except (NotKept, KernelGone, TimeIsUp):
            kept = None
        if kept is not None:
            kept.end()
        client._note_exit(ran)
        assert type(client._told_to_exit) is bool


_ORDER = {"header": {"msg_id": OURS}}
