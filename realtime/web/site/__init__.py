"""The page without a server: a static folder whose visitors' own browsers find faces, read them and explain them.

writer.py    puts the folder together
tables.py    the numbers of faces, reading and view as JavaScript, so that none is written twice
graphs.py    a model as one skeleton and one file of weights
winograd.py  its larger convolutions, with fewer multiplications
runtime.py   onnxruntime-web, as npm has it
local/       what the server does for a page, in JavaScript, each file beside the Python file that it follows
offline.js   the service worker, by which the page works without a network
"""
