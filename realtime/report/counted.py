"""A number with its noun, as people write it."""


def counted(number: int, noun: str) -> str:
    """ "1 picture", "2,000 pictures".

    Args:
        number: how many.
        noun: of one of them; its plural ends in s.
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
