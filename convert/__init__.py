"""From a Keras or ONNX classifier to the bundle of two graphs that EmoScope runs: classifier and activations."""
