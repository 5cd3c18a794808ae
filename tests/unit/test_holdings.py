"""Whose turn it is to give up a video where room is needed."""

from leyline.line.holdings import Holding, Holdings


def held(*rows: tuple[str, str, int]) -> Holdings:
    """Of networks and clients with so many bytes, each of whom came after the one before."""
    return Holdings({(network, client): Holding(size, since) for since, (network, client, size) in enumerate(rows)})


def test_the_network_that_holds_most_gives_first_and_of_it_the_session_that_holds_most() -> None:
    holdings = held(("a", "1", 40), ("a", "2", 30), ("b", "3", 60))
    assert holdings.heaviest() == ("a", "1"), "70 of one network, though 60 is more than 40"
    holdings.give(("a", "1"), 20)
    assert holdings.heaviest() == ("b", "3")
    holdings.give(("b", "3"), 20)
    assert holdings.heaviest() == ("a", "2"), "50 against 40, and 30 against 20"


def test_who_came_last_gives_first_where_networks_hold_the_same() -> None:
    assert held(("b", "1", 10), ("a", "2", 10)).heaviest() == ("a", "2")
    assert held(("a", "1", 10), ("b", "2", 10)).heaviest() == ("b", "2")
    late = held(("a", "1", 1), ("b", "2", 10), ("a", "3", 9))
    assert late.heaviest() == ("b", "2"), "a network is as old as its first video"


def test_the_oldest_of_a_network_goes_where_its_sessions_hold_the_same() -> None:
    assert held(("a", "2", 10), ("a", "1", 10), ("b", "3", 5)).heaviest() == ("a", "2")


def test_what_is_pinned_counts_for_its_network_and_stays() -> None:
    holdings = held(("a", "1", 90), ("a", "2", 5), ("b", "3", 60))
    holdings.give_nothing_more(("a", "1"))
    assert holdings.heaviest() == ("a", "2")
    holdings.give_nothing_more(("a", "2"))
    assert holdings.heaviest() == ("b", "3")
    holdings.give_nothing_more(("b", "3"))
    assert holdings.heaviest() is None


def test_where_nobody_holds_anything_nobody_gives() -> None:
    assert held().heaviest() is None
