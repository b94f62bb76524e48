"""How the shipped networks were made: wide teachers, and a small student that answers as they do to worse pictures.

    FER2013 + FER+ ──pack──▶ one file
      │
      ├─ teachers: wider and deeper than what ships, several seeds, two heads (votes, labels)
      │        └─ each picture in many crops (views), clean ──▶ answers, averaged          the bank
      │
      └─ student: the same views, half of them degraded (dark, noisy, blurred, small, compressed),
                  taught to answer as the teachers do to the clean one; and to say how well it could read it

    python -m emoscope.models.distillation.pack FER2013 --votes VOTES --beside SET -o faces.npz
    KERAS_BACKEND=jax python -m emoscope.models.distillation faces.npz -o RUN   # minutes on a GPU
    python -m emoscope.models.distillation.ship faces.npz RUN -o MODELS       # chooses, calibrates

Everything that is done to pictures happens on the accelerator (`views`, `degrade`); a stage that was ended goes on
from its last epoch. `teachers` alone, `student` alone, and tiny sizes are options: see `--help`.
"""

EDGE = 48
"""Pixels along each side of a face."""
