"""From a frame's faces to what is said of them: crops for the network, answers smoothed over time, the chosen face."""
