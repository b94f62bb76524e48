"""The training loop, in parts: batches, the step and its averages (`learner.py`), checkpoints, the run's folder.

What is written here rather than taken from Keras, and why Keras' own does not serve:

loop          `fit` continues at the beginning of an epoch; a run that is killed in the midst of one continues at its
              step, with the pictures that the undisturbed run would have seen.
averages      an optimizer's `use_ema` averages trainable weights only, with one decay; here the memory of
              normalisations is averaged too, and the first steps are soon forgotten.
norm          the layer spells normalisation out, which takes half of a step on a CPU (`emoscope bench-training`
              measures it); what is saved is Keras' own layer.
losses        `class_weight` takes the largest share of a target for its class, and `label_smoothing` makes a target of
              a picture that nobody voted on; votes need every share weighted, and nothing to stay nothing.
schedules     `ReduceLROnPlateau` is a callback of `fit`, `CosineDecay` has its length built in; here the rate depends
              on place and history alone, so that it is the same after a resume, also for more epochs.
augmentation  Keras' layers turn, move and zoom one after the other, each with an interpolation of its own and a random
              state that would have to be kept; here it is one, by (seed, epoch, step).
checkpoint    `BackupAndRestore` goes on at an epoch's beginning, and knows nothing of our averages.
precision     is Keras' dtype policy; only which one is chosen here.
"""
