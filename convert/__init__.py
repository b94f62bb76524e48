"""From a Keras or ONNX classifier to the pair of graphs that EmoScope runs: classifier and activations."""
