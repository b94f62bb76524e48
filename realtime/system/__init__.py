"""The machine beneath: shipped files, shared libraries, memory, the screen, interruptions, a stopwatch."""
