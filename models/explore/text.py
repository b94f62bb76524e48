"""A survey in words and numbers."""

from __future__ import annotations

from collections.abc import Iterator

from emoscope.report.counted import counted

from .survey import Copies, Survey

SHOWN = 20
"""Lines of a list before the rest is only counted; the JSON file has them all."""


def describe(found: Survey) -> str:
    """Counts, sizes, copies and unreadable files as lines of text."""
    return "\n".join([*_counts(found), "", *_sizes(found), "", *_copies(found), "", *_damaged(found)])


def as_json(found: Survey) -> dict[str, object]:
    """Everything but the sample pictures."""
    return {
        "counts": {
            split: {label: found.counts.get((split, label), 0) for label in found.labels} for split in found.splits
        },
        "sizes": {f"{width}x{height} {kind}": count for (width, height, kind), count in found.sizes.items()},
        "copies": [_group(group) for group in found.copies],
        "unreadable": list(found.unreadable),
        "flawed": list(found.flawed),
        "further": list(found.further),
    }


def _counts(found: Survey) -> Iterator[str]:
    width = max(len(label) for label in (*found.labels, "pictures"))
    yield "  ".join([f"{'pictures':{width}}", *(f"{split:>18}" for split in found.splits)])
    totals = {split: sum(found.counts.get((split, label), 0) for label in found.labels) for split in found.splits}
    for label in found.labels:
        cells = [found.counts.get((split, label), 0) for split in found.splits]
        shares = [count / max(totals[split], 1) for count, split in zip(cells, found.splits, strict=True)]
        columns = [f"{count:10,} {share:6.1%}" for count, share in zip(cells, shares, strict=True)]
        yield "  ".join([f"{label:{width}}", *columns])
    yield "  ".join([f"{'':{width}}", *(f"{total:10,}       " for total in totals.values())]).rstrip()


def _sizes(found: Survey) -> Iterator[str]:
    ranked = sorted(found.sizes.items(), key=lambda item: -item[1])
    for (width, height, kind), count in ranked[:SHOWN]:
        yield f"{width}×{height} {kind}: {count:,}"
    if len(ranked) > SHOWN:
        yield f"and {len(ranked) - SHOWN} other sizes"


def _copies(found: Survey) -> Iterator[str]:
    conflicts = [group for group in found.copies if group.conflict]
    yield f"exact copies: {counted(len(found.copies), 'group')}, {len(conflicts)} with conflicting labels"
    for one in found.splits:
        for other in found.splits:
            count = found.copied_across(one, other) if one != other else 0
            if count:
                yield f"{counted(count, 'picture')} of {one} also {'stands' if count == 1 else 'stand'} in {other}"
    yield from (f"  conflict: {_named(group)}" for group in conflicts[:SHOWN])
    if len(conflicts) > SHOWN:
        yield f"  and {len(conflicts) - SHOWN} more conflicts"


def _damaged(found: Survey) -> Iterator[str]:
    yield f"unreadable: {len(found.unreadable)}"
    yield from (f"  {name}" for name in found.unreadable[:SHOWN])
    if found.flawed:
        yield f"damaged, read with errors: {len(found.flawed)}"
        yield from (f"  {name}" for name in found.flawed[:SHOWN])
    if found.further:
        yield f"hold several pictures, of which the first is read: {len(found.further)}"
        yield from (f"  {name}" for name in found.further[:SHOWN])


def _named(group: Copies) -> str:
    return ", ".join(f"{name} ({label})" for name, label in zip(group.names, group.labels, strict=True))


def _group(group: Copies) -> dict[str, object]:
    return {"names": group.names, "labels": group.labels, "splits": group.splits, "conflict": group.conflict}
