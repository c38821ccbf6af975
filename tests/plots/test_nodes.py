"""A graph of single numbers: every node, every arrow, and what is refused."""

import pytest
from matplotlib.text import Annotation

from bplab.plots import Picture, node_graph, nodes

SQUARE = [(), (), (0, 1), (2, 2)], ["w", "x", "a", "R"], [2, 3, 6, 36], [36, 24, 12, 1]


def test_its_description_has_every_value_every_derivative_and_what_is_made_from_what():
    alt = node_graph(*SQUARE).alt
    assert "w is 2; the derivative of R with respect to it is 36." in alt
    assert "a is 6, made from w and x; the derivative of R with respect to it is 12." in alt
    assert "R is 36, made from a and a; the derivative of R with respect to it is 1." in alt


def test_each_time_that_a_node_is_made_from_another_has_an_arrow_of_its_own(monkeypatch):
    drawn = []

    class Noted(Picture):
        def __init__(self, figure, alt, **how):
            drawn.append(figure)
            super().__init__(figure, alt, **how)

    monkeypatch.setattr(nodes, "Picture", Noted)
    node_graph(*SQUARE)
    (axes,) = drawn[0].axes
    arrows = [item.arrow_patch for item in axes.texts if isinstance(item, Annotation)]
    ends = {(tuple(arrow.get_path().vertices.ravel().round(1))) for arrow in arrows}
    assert len(arrows) == len(ends) == 4
    assert {"w", "x", "a", "R", "value 36", "∂R/∂a = 12"} <= {
        item.get_text() for item in axes.texts
    }


def test_many_steps_do_not_make_it_wide():
    steps = 9
    sources = [(), *((n,) for n in range(steps))]
    graph = node_graph(sources, [f"v{n}" for n in range(steps + 1)], *[[1.0] * (steps + 1)] * 2)
    assert graph.width <= 400


def test_no_two_nodes_lie_upon_each_other():
    places = nodes._places([(), (), (), (0, 1), (3,), (2, 4), (5, 5), (6, 0)])
    assert len(set(places)) == len(places)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (([], [], [], []), "as long as each other, and not 0"),
        (([(), (0,)], ["x", "y"], [1, 2], [1]), "as long as each other"),
        (([(1,), ()], ["x", "y"], [1, 2], [1, 1]), "must come after those"),
        (([(), (-1,)], ["x", "y"], [1, 2], [1, 1]), "must come after those"),
    ],
)
def test_what_is_no_graph_is_refused(given, says):
    with pytest.raises(ValueError, match=says):
        node_graph(*given)
