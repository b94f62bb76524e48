"""The training loop, in parts: batches, the step and its averages (`learner.py`), checkpoints, the run's folder.

What is written here rather than taken from Keras, and why Keras' own does not serve (figures: Keras 3.15, TensorFlow
2.21, two cores of a Xeon without AMX, both ways in turns in one process, medians):

loop          `fit` continues at the beginning of an epoch, `BackupAndRestore` with steps in `save_freq` too; a run that
              is killed in the midst of one continues at its step, with the pictures that the undisturbed run would
              have seen. Callbacks are told by Keras' `CallbackList`.
averages      an optimizer's `use_ema` averages trainable weights only, with one decay; here the memory of
              normalisations is averaged too, and the first steps are soon forgotten.
norm          the layer spells normalisation out in a dozen operators: 157 pictures a second, fused 213
              (`emoscope bench-training` measures it anywhere); what is saved is Keras' own layer.
losses        `class_weight` takes the largest share of a target for its class, and `label_smoothing` makes a target of
              a picture that nobody voted on; votes need every share weighted, and nothing to stay nothing.
schedules     `ReduceLROnPlateau` is a callback of `fit`, `CosineDecay` has its length built in; here the rate depends
              on place and history alone, so that it is the same after a resume, also for more epochs.
augmentation  Keras' layers turn, move and zoom one after the other, each with an interpolation of its own and a random
              state that would have to be kept: 0.166 ms of processor a picture for what `LIGHT` does, and of the
              differences between neighbouring pixels 26 % are left (pictures of noise). Here it is one map, by
              (seed, epoch, step): 0.023 ms, 55 %.
checkpoint    `save_weights` and `BackupAndRestore` know nothing of our averages, nor of the place within an epoch.
history       `CSVLogger` appends, so that a kill may leave half a row; here the file is replaced by a whole one.
precision     is Keras' dtype policy and `LossScaleOptimizer`; only which one is chosen here.
calibration   Keras has none; the search for the temperature is SciPy's.
"""
