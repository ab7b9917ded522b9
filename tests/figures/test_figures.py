"""Every figure draws what it says, the same way each time, and leaves nothing behind."""

from __future__ import annotations

import io
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from cases import faithful
from comparison.standins import StandIn
from matplotlib.figure import Figure

from pointmass import (
    EM,
    MAP,
    MLE,
    VB,
    BayesianRegression,
    BernoulliNetwork,
    Dirichlet,
    Gaussian,
    HiddenMarkov,
    LinearRegression,
    LogisticRegression,
    Mixture,
    MixtureOfExperts,
    Poisson,
    ProbitRegression,
    Product,
    compare,
    load_dataset,
)
from pointmass.comparison import element_name, elements, match_fits
from pointmass.comparison.restarts import optima_of
from pointmass.datasets import Dataset
from pointmass.figures import FIGURES, png_bytes, svg_bytes
from pointmass.figures.panels import few_ticks, lay_out
from pointmass.figures.projection import ellipse, shown_columns
from pointmass.figures.style import new_figure, styled

RNG = np.random.default_rng(5)
LABELS = (np.arange(300) >= 120).astype(int)
ROWS = np.where(LABELS == 0, 0.0, 2.6) + RNG.standard_normal(300)
RESTARTS = [{"objective": -951.2 - 3 * (i % 2), "status": "converged", "n_iter": 9} for i in range(10)]
RESTARTS += [{"objective": 1e6, "status": "degenerate", "n_iter": 9}, {"objective": float("nan"), "status": "failed"}]


def ladder(**changes):
    return {
        "em": StandIn("EM", restarts_=RESTARTS),
        "vb": StandIn("VB", "posterior", spread=0.07, seed=1),
        "nuts": StandIn("NUTS", "draws", spread=0.28, seed=2),
    } | changes


@pytest.fixture(scope="module")
def matched():
    truth = {"weights": np.array([0.4, 0.6]), "mean": np.array([[0.0], [2.6]]), "labels": LABELS}
    return match_fits(ladder(), data=Dataset(ROWS, columns=["height"], truth=truth))


@pytest.fixture(scope="module")
def lines():
    data = load_dataset("mixture_of_regressions", n=200, rng=1)
    model = Mixture(LinearRegression(), 2)
    return compare([EM(model, rng=0).fit(data.X, data.y), VB(model, rng=0).fit(data.X, data.y)], data=data).matched


@pytest.fixture(scope="module")
def experts():
    """Two fits of one mixture of experts, their components in different orders."""
    data = load_dataset("mixture_of_experts", n=200, rng=1)
    start = {name: data.truth[name] for name in ("gate", "coefficients", "noise_variance")}
    swapped = {name: array[::-1] for name, array in start.items()}
    model = MixtureOfExperts(LinearRegression(), 2)
    fits = [EM(model, init=start).fit(data.X, data.y), MAP(model, init=swapped).fit(data.X, data.y)]
    return compare(fits, data=data).matched


@pytest.fixture(scope="module")
def chances():
    data = load_dataset("logistic_regression", n=150, rng=1)
    model = LogisticRegression()
    return compare([EM(model).fit(data.X, data.y), VB(model).fit(data.X, data.y)], data=data).matched


@pytest.fixture(scope="module")
def networks():
    """Two fits of XOR, each by a network of two units."""
    data = load_dataset("xor")
    return compare([MAP(BernoulliNetwork(2), rng=0, n_init=3).fit(data.X, data.y)] * 2, data=data).matched


@pytest.fixture(scope="module")
def chains():
    """Two fits of two sequences, one step of which was not observed, their states in different orders."""
    rng, states = np.random.default_rng(2), np.repeat([0, 1, 0, 1], [20, 15, 15, 10])
    rows = 5.0 * states[:, None] + rng.standard_normal((60, 1))
    rows[7] = np.nan
    data = Dataset(rows, lengths=[40, 20], truth={"labels": states})
    fits = []
    for order in ([0, 1], [1, 0]):
        even = {"initial": np.full(2, 0.5), "transition_matrix": np.full((2, 2), 0.5), "covariance": np.ones((2, 1, 1))}
        start = even | {"mean": np.array([[0.0], [5.0]])[order]}
        fits.append(EM(HiddenMarkov(Gaussian(), 2), init=start).fit(rows, lengths=[40, 20]))
    return compare(fits, data=data).matched


@pytest.fixture
def special(lines, experts, networks, chains, chances):
    """The comparisons that figures of one kind of model are made for."""
    own = {"choice": experts, "regions": networks, "states": chains, "probability": chances}
    return {"regression": lines, **own}


@pytest.fixture
def drawable(name, matched, special):
    """The comparison that a figure is made for."""
    return special.get(name, matched)


def test_components_are_drawn_where_their_features_make_them_probable(experts):
    """The default truth: the feature's sign chooses, negative ones component 0."""
    assert experts.fits[1].match.order == (1, 0)
    above, below = FIGURES["choice"].plot(experts).axes
    drawn = [line.get_ydata() for line in above.lines if line.get_linewidth() == 4.0]
    assert len(drawn) == 2 and len(below.lines) == 4
    shown = [np.isfinite(values) for values in drawn]
    assert shown[0][0] and not shown[0][-1] and shown[1][-1] and not shown[1][0]
    first, second = below.lines[0].get_ydata(), below.lines[2].get_ydata()
    assert ((first > 0.5) == (second > 0.5)).mean() > 0.95  # EM's and MAP's component 0
    assert "component 0 from" in FIGURES["choice"].caption(experts).text
    assert "they choose the component" in FIGURES["regression"].lacks(experts)


def test_regions_are_coloured_by_their_class(networks):
    figure = FIGURES["regions"].plot(networks)
    image = figure.axes[0].images[0].get_array()
    corners = [image[0, 0], image[0, -1], image[-1, 0], image[-1, -1]]
    np.testing.assert_allclose(corners[0], corners[3], atol=0.1)
    np.testing.assert_allclose(corners[1], corners[2], atol=0.1)
    assert np.abs(corners[0] - corners[1]).max() > 0.1
    assert "has 100 % of them right" in FIGURES["regions"].caption(networks).text


def test_states_are_matched_and_paths_end_where_sequences_do(chains):
    data, states = chains.data, chains.data.truth["labels"]
    paths = [fit.path(data.X, None, data.lengths) for fit in chains.fits]
    assert chains.fits[1].match.order == (1, 0) and chains.fits[1].match.basis == "responsibilities"
    assert all((path == states).mean() > 0.95 for path in paths)
    alone = chains.fits[1].responsibilities(data.X[40:])
    np.testing.assert_allclose(chains.fits[1].responsibilities(data.X, None, data.lengths)[40:], alone)
    for name in ("density", "clusters"):
        assert "come in order" in FIGURES[name].lacks(chains)


def test_the_levels_of_a_chain_are_the_means_of_its_states(chains):
    above, below = FIGURES["states"].plot(chains).axes
    level = next(line for line in above.lines if line.get_color() == "#c4430a").get_ydata()
    assert level.min() == pytest.approx(0.0, abs=0.6) and level.max() == pytest.approx(5.0, abs=0.6)
    assert len(above.lines) == 4 and len(below.lines) == 1  # the data, two levels, and the end of a sequence
    assert FIGURES["states"].caption(chains).text.startswith("60 steps. On the most probable path of EM they are")


def test_transitions_are_called_by_both_states(chains):
    names = [element_name(chains, element) for element in elements(chains)]
    assert {"transition_matrix[0, 1]", "transition_matrix[1, 0]", "mean[1]", "initial[0]"} <= set(names)


def test_predictions_stand_beside_targets_where_there_are_several_features():
    data = load_dataset("linear_regression", coefficients=[1.0, 2.0, -1.0], rng=0)
    fits = [MLE(LinearRegression()).fit(data.X, data.y), VB(BayesianRegression()).fit(data.X, data.y)]
    figure = compare(fits, data=data).plot("regression")
    assert [axes.get_title("left") for axes in figure.axes] == ["MLE", "VB"]
    assert FIGURES["regression"].caption(compare(fits, data=data).matched).text.startswith("200 rows")


def test_probabilities_stand_beside_shares_of_ones(chances, lines):
    """One feature: a curve a fit and the band of the first with draws; several: a panel a fit; never both figures."""
    axes = FIGURES["probability"].plot(chances).axes[0]
    curve, grid = axes.lines[0].get_ydata(), axes.lines[0].get_xdata()
    np.testing.assert_allclose(curve, chances.fits[0].fit.predict(grid[:, None]))
    assert "150 targets" in FIGURES["probability"].caption(chances).text
    assert "figure probability" in FIGURES["regression"].lacks(chances)
    data = load_dataset("probit_regression", coefficients=[0.0, 1.0, -1.0], rng=0)
    several = compare([EM(ProbitRegression()).fit(data.X, data.y)], data=data).matched
    assert len(FIGURES["probability"].plot(several).axes) == 1
    assert FIGURES["probability"].lacks(several) == "" and FIGURES["probability"].lacks(lines)


def test_coefficients_are_called_by_their_features(lines):
    names = [element_name(lines, element) for element in elements(lines) if element.parameter == "coefficients"]
    assert names == [f"coefficients[{k}, {name}]" for k in (0, 1) for name in ("intercept", "x1")]


@pytest.fixture(scope="module")
def wide():
    """Three components in five columns, fitted without an algorithm."""
    mean = 4.0 * np.eye(3, 5)
    estimate = {"weights": np.full(3, 1 / 3), "mean": mean, "covariance": np.stack([np.eye(5)] * 3)}
    rows = np.concatenate([centre + RNG.standard_normal((40, 5)) for centre in mean])
    data = Dataset(rows, truth={"labels": np.repeat([0, 1, 2], 40)})
    fits = [StandIn("EM", estimate=estimate), StandIn("VB", "posterior", estimate, spread=0.1)]
    return match_fits(fits, data=data)


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_a_figure_with_words(drawable, name):
    recipe, matched = FIGURES[name], drawable
    assert recipe.lacks(matched) == ""
    figure, caption = recipe.plot(matched), recipe.caption(matched)
    assert isinstance(figure, Figure)
    assert any(character.isdigit() for character in caption.text)
    assert len(caption.alt) > 20
    assert png_bytes(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", FIGURES)
def test_fault_158_a_figure_has_the_same_bytes_each_time(drawable, name):
    first, second = (svg_bytes(FIGURES[name].plot(drawable)) for _ in range(2))
    assert first == second
    assert b"<dc:date>" not in first
    assert b"matplotlib.org" not in first


def test_pngs_have_the_same_bytes_and_no_date(matched):
    first, second = (png_bytes(FIGURES["forest"].plot(matched)) for _ in range(2))
    assert first == second
    assert b"Software" not in first


def test_drawing_touches_no_global_state(matched, special):
    before = dict(mpl.rcParams)
    for name, recipe in FIGURES.items():
        recipe.plot(special.get(name, matched))
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", ["forest", "marginals", "density", "clusters"])
def test_many_columns_are_drawn_in_part_and_said_so(wide, name):
    figure = FIGURES[name].plot(wide)
    assert len(figure.axes) <= 31
    assert len(svg_bytes(figure)) < 2_000_000


@pytest.mark.parametrize("n_columns", [1, 2, 3, 4])
@styled
def test_tick_labels_side_by_side_do_not_touch(n_columns):
    """Limits of all sizes, among them those whose labels are long: -0.025, 0.000, 0.025, 0.050."""
    rng = np.random.default_rng(n_columns)
    for low, width in [(-0.03, 0.105), *zip(rng.normal(size=30), 10.0 ** rng.uniform(-4, 6, 30), strict=True)]:
        figure = new_figure(7.2, 1.5)
        panels = figure.subplots(1, n_columns, squeeze=False)[0]
        for axes in panels:
            axes.set_xlim(low * width, low * width + width)
            few_ticks(axes, n_columns)
        figure.canvas.draw()
        shown = [tick.label1 for tick in panels[-1].xaxis.get_major_ticks()]
        boxes = [label.get_window_extent() for label in shown if label.get_text()]
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes)), (low, width)


def test_panels_left_out_are_counted(wide):
    panels = lay_out(wide)
    assert len(panels.shown) + panels.left_out == 3 * (1 + 5 + 5)
    assert f"{panels.left_out} numbers more in the table" in FIGURES["forest"].caption(wide).text


def test_the_columns_shown_are_those_that_separate_the_components(wide):
    assert shown_columns(wide, most=3) == [0, 1, 2]


def test_the_forest_draws_a_point_without_a_bar(matched):
    figure = FIGURES["forest"].plot(match_fits({"em": StandIn("EM")}))
    drawn = [line for axes in figure.axes for line in axes.lines if len(line.get_xdata()) == 2]
    assert all(line.get_linestyle() == ":" for line in drawn)
    assert len(figure.axes) == 6
    assert sum(len(line.get_xdata()) == 1 for axes in figure.axes for line in axes.lines) == 6


def test_the_forest_draws_the_intervals_of_the_table(matched):
    axes = FIGURES["forest"].plot(matched).axes[0]
    bars = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linestyle() == "-"]
    spread = matched["vb"].spreads[0]
    assert any(np.allclose(bar, [spread.lower["weights"][0], spread.upper["weights"][0]]) for bar in bars)


def test_a_far_estimate_is_an_arrow_at_the_edge_and_does_not_squash_the_rest():
    far = {"weights": np.array([0.4, 0.6]), "mean": np.array([[1e6], [2.6]]), "covariance": np.ones((2, 1, 1))}
    figure = FIGURES["forest"].plot(match_fits(ladder(em=StandIn("EM", estimate=far))))
    panel = next(axes for axes in figure.axes if axes.get_title(loc="left") == "mean[0]")
    assert panel.get_xlim()[1] < 10
    assert ">" in {line.get_marker() for line in panel.lines}


def test_objectives_of_different_kinds_have_panels_of_their_own(matched):
    axes = FIGURES["objective"].plot(matched).axes
    titles = [each.get_title(loc="left") for each in axes]
    assert titles == ["points: log-likelihood or log-posterior", "posteriors: ELBO", "", ""]
    assert [each.get_xlabel() for each in axes] == ["accepted sweep", "accepted sweep", "seconds", "seconds"]


def test_objectives_are_drawn_when_they_were_known():
    fit = EM(Mixture(Gaussian(), 2), rng=0).fit(faithful()[:, 1])
    lower = FIGURES["objective"].plot(match_fits([fit])).axes[1]
    drawn = lower.lines[0].get_xdata()
    np.testing.assert_array_equal(drawn, fit.objective_seconds_[:-1])
    assert (np.diff(drawn) > 0).all()
    assert 0 < drawn[-1] < fit.elapsed_


def test_optima_are_counted_with_their_statuses(matched):
    optima = optima_of(matched["em"])
    assert (optima.distinct, optima.share_at_best, optima.best) == (2, pytest.approx(5 / 11), -951.2)
    text = FIGURES["optima"].caption(matched).text
    assert text == "EM: 45 % of 11 starts reached the best of 2 proper optima (−951.200 nats), 1 degenerate."


def test_an_unbounded_optimum_does_not_squash_the_proper_ones(matched):
    low, high = FIGURES["optima"].plot(matched).axes[0].get_xlim()
    assert high - low < 20


def test_the_marginals_integrate_to_one(matched):
    axes = next(a for a in FIGURES["marginals"].plot(matched).axes if a.get_title(loc="left") == "mean[1]")
    curves = [line.get_xydata() for line in axes.lines if len(line.get_xdata()) > 50]
    assert [np.trapezoid(curve[:, 1], curve[:, 0]) for curve in curves] == pytest.approx([1.0, 1.0], abs=0.03)


def test_the_fitted_density_is_the_fits_own(matched):
    axes = FIGURES["density"].plot(matched).axes[0]
    curve = next(line for line in axes.lines if line.get_color() == "#c4430a").get_xydata()
    np.testing.assert_allclose(curve[:, 1], np.exp(matched["em"].fit.score_samples(curve[:, :1])))


def test_an_ellipse_holds_its_share():
    covariance = np.array([[2.0, 0.8], [0.8, 1.0]])
    outline = ellipse(np.array([1.0, -1.0]), covariance, mass=0.5) - [1.0, -1.0]
    distance = np.einsum("ni,ij,nj->n", outline, np.linalg.inv(covariance), outline)
    np.testing.assert_allclose(distance, -2 * np.log(0.5), rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("marginals", "no fit has a posterior to draw from"),
        ("density", "the data are not stored with the fits"),
        ("clusters", "the groups of the rows are not known"),
        ("evidence", "no fit says anything of the log evidence"),
        ("objective", "no fit needed more than two sweeps"),
        ("optima", "no fit had more than one start"),
    ],
)
def test_what_cannot_be_drawn_says_why(name, reason):
    bare = StandIn("EM", objective_history_=np.array([-3.0]), evidence=lambda rng: ())
    assert FIGURES[name].lacks(match_fits([bare])) == reason


def test_a_caption_counts_the_rows_that_are_drawn_and_those_there_are():
    fits = {"em": StandIn("EM", estimate={"mean": np.array([1.6]), "covariance": np.array([[2.6]])})}
    rows = ROWS.copy()
    assert FIGURES["density"].caption(match_fits(fits, data=Dataset(rows))).text.startswith("300 rows as a ")
    rows[:7] = np.nan
    text = FIGURES["density"].caption(match_fits(fits, data=Dataset(rows))).text
    assert text.startswith("293 of 300 rows, those without an empty cell, as a histogram")


def test_fault_157_nothing_but_nan():
    broken = {name: np.full_like(array, np.nan) for name, array in StandIn().estimate_.items()}
    figure = FIGURES["forest"].plot(match_fits([StandIn("EM", estimate=broken)]))
    figure.savefig(io.BytesIO())


@pytest.mark.parametrize("rows", [np.array([1.0]), np.ones(50)], ids=["one row", "one value"])
def test_fault_157_data_without_spread(rows):
    matched = match_fits(ladder(), data=Dataset(rows))
    svg_bytes(FIGURES["density"].plot(matched))
    assert "row" in FIGURES["density"].caption(matched).text


def test_fault_157_draws_that_do_not_vary():
    matched = match_fits([StandIn("EM"), StandIn("VB", "posterior", spread=0.0)])
    svg_bytes(FIGURES["marginals"].plot(matched))
    svg_bytes(FIGURES["forest"].plot(matched))


def test_components_that_are_empty_are_not_drawn_and_counted():
    """Six components, of which a sparse prior of the weights leaves two."""
    fit = VB(Mixture(Gaussian(), 6, weights_prior=Dirichlet(1e-3)), n_init=1, rng=0).fit(faithful())
    left = int((fit.estimate_["weights"] > 0.01).sum())
    found = match_fits({"vb": fit}, data=load_dataset("faithful"))
    recipe = FIGURES["density"]
    assert left < 6 and len(recipe.plot(found).axes[0].lines) == 2 * left
    assert f"{6 - left} components of VB" in recipe.caption(found).text


def test_normal_parts_of_a_product_have_ellipses_on_their_own_columns():
    rng = np.random.default_rng(0)
    high = rng.random(150) < 0.4
    sizes = rng.normal(size=(150, 2)) + 4.0 * high[:, None]
    rows = np.column_stack([sizes[:, 0], rng.poisson(2 + 4 * high), sizes[:, 1]])
    fit = EM(Mixture(Product({"size": Gaussian(), "visits": Poisson()}, {"size": [0, 2], "visits": [1]}), 2), rng=0)
    found = match_fits({"em": fit.fit(rows)}, data=Dataset(rows, columns=["a", "visits", "b"]))
    panels = {(axes.get_xlabel(), axes.get_ylabel()): axes for axes in FIGURES["density"].plot(found).axes}
    assert len(panels["a", "b"].lines) == 4
    mean = found["em"].estimate["size_mean"]
    drawn = sorted(line.get_xydata()[0].tolist() for line in panels["a", "b"].lines if len(line.get_xdata()) == 1)
    assert drawn == sorted(mean.tolist())
    assert sum(len(axes.lines) for axes in panels.values()) == 4
