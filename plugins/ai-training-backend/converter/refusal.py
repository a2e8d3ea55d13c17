class Refusal(Exception):
    """Why a version is not converted, in a sentence that says what to do."""


def first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:300]
