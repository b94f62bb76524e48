"""The training loop, in parts: batches, the step and its averages (`learner.py`), checkpoints, the run's folder.

What is written here rather than taken from Keras, and why Keras' own does not serve (figures: Keras 3.15, TensorFlow
2.21, two cores of a Xeon without AMX; speeds with both ways in turns in one process, medians):

loop          `fit` continues at the beginning of an epoch, `BackupAndRestore` with steps in `save_freq` too: killed at
              step 9 of 15, five an epoch, it takes 10 more, and its weights differ by 0.004 from an undisturbed run's;
              here 6 more, and none of the 67 arrays of state differs. Callbacks are told by Keras' `CallbackList`.
checkpoint    `BackupAndRestore` holds 48 of these 67 arrays, the averages not, nor the place within an epoch.
averages      an optimizer's `use_ema` averages trainable weights only, with one decay: after 100 steps 82 % of it are
              the first step's (0.998). Here that is forgotten (2e-13), and the memory of normalisations averaged too.
norm          the layer spells normalisation out in a dozen operators: 157 pictures a second, fused 213
              (`emoscope bench-training` measures it anywhere); what is saved is Keras' own layer.
losses        `label_smoothing` makes a target of a picture that nobody voted on (a loss of 0.195 of seven classes; here
              0), `class_weight` takes the largest share of a target for its class; votes need every share weighted.
schedules     `ReduceLROnPlateau` forgets how long it has waited: patience 3, killed after epoch 6, it halves in epoch
              10, not 7; `CosineDecay` has its length built in. Here the rate depends on place and history alone.
augmentation  Keras' layers turn, move and zoom one after the other, each with an interpolation of its own and a random
              state that would have to be kept: 0.166 ms of processor a picture for what `LIGHT` does, and of the
              differences between neighbouring pixels 26 % are left (pictures of noise). Here it is one map, by
              (seed, epoch, step): 0.023 ms, 55 %.
history       `CSVLogger` beside `BackupAndRestore`, killed between what they write after epoch 3 of 6: that epoch has
              two rows or none, by their order; unless it appends, those before are lost too. Here the file is replaced
              by a whole one before the checkpoint is, and a run that goes on cuts it to the checkpoint's epoch.
precision     is Keras' dtype policy and `LossScaleOptimizer`; only which one is chosen here: bfloat16, which policies
              leave to the user, takes 1.5 times float32's time on such a processor.
calibration   Keras has none. As a weight that `fit` learns (Adam, 20 epochs, 3,589 pictures, answers twice too sure)
              the temperature is 1.83 after 2.9 s, or 1.97 after 1.1 s at 50 times the rate; the best one is 2.01, which
              SciPy finds in 7 ms (calibration error 0.130, then 0.020). Of 40 pictures that are all called right a fit
              says 0.1, and the error elsewhere is 0.258; here it stays 0.019.
"""
