"""Why the network said it, for one picture: everything between photo and decision, as a figure and as a page.

    photo ──▶ Study ──▶ figure (PNG, SVG, PDF)
                  └───▶ page (one HTML file)

`study` gathers, `figure` and `page` only show.
"""
