"""The stop-watch in the page: from a key press to the new picture's pixels."""

from typing import Any, NamedTuple

__all__ = ["Picture", "Watch"]

# A picture counts when the frame that has it is painted and its images are decoded: its first task
# after both. One that is replaced before its frame was never seen. A frame waits for an image that
# says decoding="sync"; another one is in the first frame after it has been decoded.
SCRIPT = """(root, selector) => {
  const frame = () => new Promise(requestAnimationFrame);
  const task = () => new Promise(done => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(0);
  });
  const pictures = [], keys = [];
  const find = () => [...root.querySelectorAll(selector)].at(-1);
  const content = picture => picture.src || picture.outerHTML;
  let shown = find() && content(find()), last = 0;
  const changed = async () => {
    const picture = find();
    if (!picture || content(picture) === shown) return;
    const mine = shown = content(picture);
    const images = [picture, ...picture.querySelectorAll('img')].filter(part => part.decode);
    const decoded = Promise.all(images.map(image => image.decode())).then(() => true, () => false);
    const waits = images.every(image => image.decoding === 'sync');
    if (!waits && !await decoded) return;
    const painted = await frame();
    if (mine !== shown || painted === last || !await decoded) return;
    last = painted;
    await task();
    pictures.push(performance.now());
  };
  new MutationObserver(changed).observe(
    root, { subtree: true, childList: true, attributes: true, characterData: true });
  const noted = event => event.key.startsWith('Arrow') && keys.push(event.timeStamp);
  document.addEventListener('keydown', noted, true);
  return { pictures, keys };
}"""
# of a panel, whose pictures have a description, and of an output of plt.show()
PICTURES = ".bplab-picture [role=img], .bplab-picture img:not([alt='']), .jp-RenderedImage img"


class Picture(NamedTuple):
    """When the last key was pressed and when the last picture was painted, in ms of the page."""

    key: float
    painted: float


class Watch:
    """A stop-watch on the pictures in one element of a page.

    Parameters
    ----------
    page : playwright.sync_api.Page
    root : playwright.sync_api.Locator
        Element that stays where it is while its pictures change.
    """

    def __init__(self, page: Any, root: Any):
        self._page = page
        self._seen = root.evaluate_handle(
            f"(root, selector) => ({SCRIPT})(root, selector)", PICTURES
        )

    def count(self) -> int:
        """Return how many pictures have been painted."""
        return self._seen.evaluate("seen => seen.pictures.length")

    def wait(self, more_than: int, ms: float = 20_000) -> None:
        """Wait until more pictures than this have been painted.

        Raises
        ------
        RuntimeError
            If there are no more after these milliseconds.
        """
        from playwright.sync_api import TimeoutError

        try:
            self._page.wait_for_function(
                "([seen, count]) => seen.pictures.length > count",
                arg=[self._seen, more_than],
                timeout=ms,
            )
        except TimeoutError:
            raise RuntimeError(f"no new picture after {ms / 1000:g} s") from None

    def last(self) -> Picture:
        """Return the times of the last key and the last picture."""
        return Picture(*self._seen.evaluate("seen => [seen.keys.at(-1), seen.pictures.at(-1)]"))
