"""What runs on the user's machine: faces in, emotions and the reasons for them out, without TensorFlow."""
