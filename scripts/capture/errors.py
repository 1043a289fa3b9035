# SPDX-License-Identifier: Apache-2.0
"""The one error a user of the capture program can cause and repair."""


class InputError(Exception):
    """The user's input is wrong; the text is one line per problem. Exit status 2."""


def did_you_mean(word, names):
    """A hint such as '; did you mean relu?', empty when nothing is close."""
    import difflib

    close = difflib.get_close_matches(word, list(names), n=1)
    return f"; did you mean {close[0]}?" if close else ""
