"""The single pictures of the page, each as a data address, so that the page needs nothing beside itself."""

from __future__ import annotations

import base64

import cv2
import numpy as np

from ...draw.maps import enlarge
from ...draw.shades import grey_bgr
from ...network.network import NOTHING
from ...types import Floats, Image
from .beside import strength
from .colours import activation_colours, heat_colours, signed_colours
from .study import Heat, LayerMaps

PHOTO_EDGE, FACE_EDGE = 1000, 240
JPEG_QUALITY = 88


def photo_address(photo: Image) -> str:
    """A (H, W, 3) BGR photo, made smaller where it is large."""
    factor = min(1.0, PHOTO_EDGE / max(photo.shape[:2]))
    small = cv2.resize(photo, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else photo
    return _address(np.asarray(small, np.uint8), "jpeg")


def crop_address(crop: Image) -> str:
    """The network's input, pixel by pixel."""
    return _address(crop, "png")


def map_address(layer: LayerMaps, channel: int) -> str:
    """One feature map on its layer's scale, a pixel a cell."""
    colours, scale = activation_colours(layer.maps)
    return _address(_bgr(colours(scale(layer.maps[:, :, channel]))), "png")


def heat_address(heat: Heat, face: Image, share: float) -> str:
    """A heatmap over the gray face, faint where the class has next to no probability."""
    ground = grey_bgr(face, FACE_EDGE).astype(np.float32)
    colours = heat_colours(1.0 if heat.against != NOTHING else strength(share))(
        np.clip(enlarge(heat.heat, FACE_EDGE, FACE_EDGE), 0, 1)
    )
    cover = colours[:, :, 3:].astype(np.float32)
    return _address(np.asarray(ground * (1 - cover) + _bgr(colours) * cover + 0.5, np.uint8), "jpeg")


def pixels_address(pixels: Floats) -> str:
    """What drives a channel: white is zero, red above, blue below."""
    colours, scale = signed_colours(pixels)
    return _address(_bgr(colours(scale(pixels))), "png")


def own_map_address(one: Floats) -> str:
    """A map (h, w) on its own scale, a pixel a cell."""
    colours, scale = activation_colours(one)
    return _address(_bgr(colours(scale(one))), "png")


def sprite_address(sprite: Image) -> str:
    """A small picture as it is."""
    return _address(sprite, "png")


def _bgr(colours: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Image:
    return np.ascontiguousarray((colours[:, :, 2::-1] * 255 + 0.5).astype(np.uint8))


def _address(picture: Image, kind: str) -> str:
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if kind == "jpeg" else [cv2.IMWRITE_PNG_COMPRESSION, 9]
    _, data = cv2.imencode(f".{kind}", picture, quality)
    return f"data:image/{kind};base64,{base64.b64encode(data.tobytes()).decode('ascii')}"
