"""Where readings go besides the screen, each a sink behind a thread of its own, so that none of them holds the window.

    frame ─▶ Sample ─┬─▶ worker ─▶ log               rows on disk
    key ───▶ Marker ─┤─▶ worker ─▶ LSL               outlets of Lab Streaming Layer
                     ├─▶ worker ─▶ WebSocket, OSC    receivers on this machine, unless told otherwise
    board ───────────┴─▶ worker ─▶ virtual camera    the picture that is shown

A sink takes what comes (`SampleSink`), says what went wrong, and is closed at the end. Nothing goes anywhere unless it
was asked for.
"""
