"""Playing: on the event loop, no faster than the page, and never when nobody wants it."""

import asyncio
import html
import re

import pytest

from bplab import deep
from bplab.widgets import playground
from bplab.widgets.playground import player


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture(autouse=True)
def no_loop_of_others():
    """A browser test before these leaves Playwright's loop marked as running in this thread."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


class TestPlaying:
    def test_where_no_event_loop_runs(self):
        panel = playground()
        panel.play_button.click()
        assert panel.run.last == 200
        assert not panel.playing
        assert "No event loop runs here: 200 epochs at once." in words(panel.readout.value)

    def test_plays_on_the_loop_and_pauses(self):
        panel = playground()

        async def look():
            panel.play_button.click()
            assert panel.playing
            assert panel.play_button.description == "Pause"
            await asyncio.sleep(0.3)
            epoch, shown = panel.run.last, panel.canvas.alt
            assert epoch > 0
            panel.controls["gamma"].value = 0.02  # it answers, and goes on
            await asyncio.sleep(0.2)
            assert panel.playing
            assert panel.run.last > epoch
            assert panel.canvas.alt != shown
            panel.play_button.click()
            epoch = panel.run.last
            await asyncio.sleep(0.1)
            assert panel.run.last == epoch
            assert len(asyncio.all_tasks()) == 1

        asyncio.run(look())
        assert panel.play_button.description == "Play"
        assert panel.controls["epoch"].value == panel.run.last

    @pytest.mark.parametrize(
        "act",
        [
            lambda panel: panel.reset_button.click(),
            lambda panel: panel.step_button.click(),
            lambda panel: panel.again_button.click(),
            lambda panel: panel.close(),
            lambda panel: setattr(panel.controls["data"], "value", "XOR"),
            lambda panel: setattr(panel.controls["epoch"], "value", 0),
            lambda panel: panel.preset_buttons["diverges"].click(),
            lambda panel: playground(),  # the cell is run again
        ],
        ids=["reset", "step", "again", "close", "data", "epoch", "preset", "another"],
    )
    def test_what_ends_it(self, act):
        async def look():
            panel = playground(state="epoch=3")
            panel.play()
            await asyncio.sleep(0.05)
            act(panel)
            await asyncio.sleep(0)
            assert not panel.playing
            assert len(asyncio.all_tasks()) == 1

        asyncio.run(look())

    def test_ends_by_itself_when_it_diverges(self):
        async def look():
            panel = playground(state="output=identity,gamma=0.5,speed=100")
            panel.play()
            for _ in range(100):
                await asyncio.sleep(0.02)
                if not panel.playing:
                    break
            assert not panel.playing
            assert panel.run.diverged
            assert "diverged:" in words(panel.readout.value)

        asyncio.run(look())

    def test_a_failure_on_the_way_is_said(self):
        calls = []

        def tired(*arguments):
            calls.append(1)
            if len(calls) > 8:
                raise RuntimeError("tired")
            return deep.backward(*arguments)

        async def look():
            panel = playground(tired)
            panel.play()
            await asyncio.sleep(0.5)
            assert not panel.playing
            assert "RuntimeError: tired" in words(panel.readout.value)

        asyncio.run(look())

    def test_pictures_wait_for_a_page_that_is_behind(self, monkeypatch):
        monkeypatch.setattr(player, "EVERY", 0.05)
        monkeypatch.setattr(player, "PATIENCE", 10.0)
        frames, asked = [], []

        def frame(ask):
            frames.append(1)
            asked.append(ask)
            return True

        async def look():
            it = player.Player(frame, lambda: None)
            it.play()
            await asyncio.sleep(0.5)
            behind = len(frames)
            assert behind <= 8  # one asked for, and no further until it is there
            it.arrived()
            await asyncio.sleep(0.3)
            assert behind < len(frames) <= behind + 8
            assert sum(asked) == 2
            it.pause()

        asyncio.run(look())

    def test_stops_when_nobody_looks(self, monkeypatch):
        monkeypatch.setattr(player, "EVERY", 0.02)
        monkeypatch.setattr(player, "PATIENCE", 0.02)
        monkeypatch.setattr(player, "UNSEEN", 0.1)

        async def look():
            it = player.Player(lambda ask: True, lambda: None)
            it.play()
            await asyncio.sleep(0.5)
            assert not it.playing

        asyncio.run(look())
