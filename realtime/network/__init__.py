"""A model bundle and what it answers: contract, checked weights, one onnxruntime call for all faces of a frame."""
