"""Pictures that carry what cameras and editors put into them: a colour profile, and EXIF that says how they lie."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import PIL.Image
from PIL import ImageCms

ORIENTATION = 0x0112
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
VARIANTS = ("plain", "icc", "exif", "icc_exif")
QUARTER = 6
"""EXIF's orientation of a camera that was held upright."""


def save_tagged(picture: PIL.Image.Image, path: Path, variant: str, orientation: int = QUARTER) -> Path:
    """Saves a picture with or without a profile and EXIF."""
    more: dict[str, bytes] = {}
    if "icc" in variant:
        more["icc_profile"] = PROFILE
    if "exif" in variant:
        exif = PIL.Image.Exif()
        exif[ORIENTATION] = orientation
        more["exif"] = exif.tobytes()
    picture.save(path, quality=95, **more)
    return path


def make_motion_jpeg(path: Path, jpeg: Path, frames: int = 3) -> Path:
    """A film of a camera's JPEG, byte for byte."""
    with PIL.Image.open(jpeg) as picture:
        width, height = picture.size
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        stream.time_base = Fraction(1, 25)
        container.start_encoding()
        for number in range(frames):
            packet = av.Packet(jpeg.read_bytes())
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, 25), True
            packet.pts = packet.dts = number
            container.mux(packet)
    return path
