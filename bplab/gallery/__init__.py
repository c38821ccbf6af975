"""What the known mistakes of an exercise do to training."""

from bplab.gallery.gallery import Gallery, mistakes_gallery

__all__ = ["Gallery", "mistakes_gallery"]
