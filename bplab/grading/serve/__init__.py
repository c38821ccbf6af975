"""Marks on handing in: ``bplab serve``.

============  ============================================================================
``serving``   `Serving`: looks, judges what is new, goes on whatever happens
``inboxes``   where submissions come: ``submitted/``, another folder, nbgrader's exchange
``arrivals``  what has come as a whole: nothing is taken while it is still being copied
``turns``     who is next, and who has to wait
============  ============================================================================
"""

from bplab.grading.serve.inboxes import Exchange, Inbox, Submitted, Watched
from bplab.grading.serve.serving import Serving

__all__ = ["Exchange", "Inbox", "Serving", "Submitted", "Watched"]
