"""The door for scripts and notebooks: read pictures, explain faces, watch sources, draw, make tables.

    reader = emoscope.Reader()
    faces = reader.read("photo.jpg")
    heat = reader.explain(faces[0], method="layercam")
    for frame in reader.watch("film.mp4"):
        picture = emoscope.annotate(frame.image, frame.faces)

What comes back are values that print, and show themselves in a notebook. Nothing here prints. `emoscope.__all__` is the
whole list: own detectors, classifiers and errors stand where they are used.
"""

from .annotating import annotate
from .reader import Reader
from .results import FaceReading, FrameReadings, Heatmap
from .tables import analyse, read_table
from .watching import Sink

__all__ = ["FaceReading", "FrameReadings", "Heatmap", "Reader", "Sink", "analyse", "annotate", "read_table"]
