"""Viewing links as the client asks for them: what may be chosen of one, as arguments and as flags of a command.

What each means is left to docs/api.md, and so are their limits to the server.
"""

import functools
from collections.abc import Callable
from typing import Any, TypedDict

import click

DAY_SECONDS, DEFAULT_DAYS = 86_400, 7
POSTERS = ("none", "blurred", "clear")


class LinkTerms(TypedDict, total=False):
    """What may be chosen of a link; all else is as the server has it."""

    label: str  # shown over the picture: whom it is for
    burn_label: bool  # into the picture
    message: str  # the sender's line
    poster: str  # what is seen before it plays: one of POSTERS
    seconds: int  # how long it works
    max_views: int


def is_chosen(terms: LinkTerms) -> bool:
    """Whether the flags say anything but what they do by themselves."""
    return terms != LinkTerms(poster=POSTERS[0], seconds=DEFAULT_DAYS * DAY_SECONDS)


def link_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives the command the flags of a link, and their values as its argument `terms`."""

    @functools.wraps(command)
    def with_terms(
        *words: Any,
        message: str | None,
        poster: str,
        label: str | None,
        days: float,
        views: int | None,
        **other: Any,
    ) -> Any:
        terms = LinkTerms(poster=poster, seconds=round(days * DAY_SECONDS))
        if message:
            terms["message"] = message
        if label:
            terms["label"] = label
        if views:
            terms["max_views"] = views
        return command(*words, terms=terms, **other)

    flags = (
        click.option("--message", metavar="TEXT", help="Your line on a viewing link's page."),
        click.option(
            "--poster",
            type=click.Choice(POSTERS),
            default=POSTERS[0],
            help="What a viewing link lets be seen before it plays (default: none).",
        ),
        click.option("--label", metavar="TEXT", help="For whom a viewing link is: shown over the picture."),
        click.option(
            "--days",
            type=click.FloatRange(0.001, 366),
            default=float(DEFAULT_DAYS),
            help="How many days a viewing link works (default: 7).",
        ),
        click.option("--views", type=click.IntRange(1), help="How often a viewing link may be watched."),
    )
    return functools.reduce(lambda made, flag: flag(made), reversed(flags), with_terms)
