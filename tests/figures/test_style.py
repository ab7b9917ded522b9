"""One look a method, for every eye; and text that nothing can break."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from comparison.standins import StandIn

from pointmass.comparison import match_fits
from pointmass.datasets import Dataset
from pointmass.figures import FIGURES, METHOD_STYLES, safe_label, svg_bytes
from pointmass.figures.style import method_styles, new_figure

# Machado, Oliveira & Fernandes (2009), severity 1.0: linear RGB as three kinds of eyes see it.
EYES = {
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "normal": np.eye(3),
}
AWKWARD = [
    *("$\\frac{1}$", "$unbalanced", "a\x00b", "\x1b[31mred", "\ud800", "漢字の列", "x" * 5000, "_hidden"),
    *("", "\n\n", "a&b<c>", "{{7*7}}", "عربي", "\u202egnirts"),
]


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(a: str, b: str) -> float:
    light, dark = sorted((float(linear(c) @ [0.2126, 0.7152, 0.0722]) + 0.05 for c in (a, b)), reverse=True)
    return light / dark


@pytest.mark.parametrize("eye", EYES)
def test_methods_are_told_apart_by_every_eye(eye):
    seen = {name: lab(np.array(EYES[eye]) @ linear(style.colour)) for name, style in METHOD_STYLES.items()}
    assert min(np.linalg.norm(seen[a] - seen[b]) for a, b in combinations(seen, 2)) > 11.5


@pytest.mark.parametrize("name", [name for name in METHOD_STYLES if name != "Enumeration"])
def test_methods_stand_out_from_the_page(name):
    assert contrast(METHOD_STYLES[name].colour, "#ffffff") > 3.0


def test_no_two_methods_share_a_marker_or_a_line():
    styles = METHOD_STYLES.values()
    assert len({style.marker for style in styles}) == len({style.line for style in styles}) == len(METHOD_STYLES)


def test_a_second_fit_by_a_method_keeps_its_colour_and_is_hollow():
    styles = method_styles(match_fits([StandIn("EM"), StandIn("EM")]))
    assert styles["EM"].colour == styles["EM_2"].colour
    assert (styles["EM"].hollow, styles["EM_2"].hollow) == (False, True)


def test_methods_of_others_get_styles_of_their_own():
    styles = method_styles(match_fits([StandIn("Laplace"), StandIn("EM"), StandIn("EP")]))
    assert len({style.colour for style in styles.values()}) == 3


def test_a_method_looks_the_same_in_any_company():
    alone = method_styles(match_fits([StandIn("VB", "posterior")]))["VB"]
    assert alone == method_styles(match_fits([StandIn("EM"), StandIn("VB", "posterior")]))["VB"]


@pytest.mark.parametrize("text", AWKWARD)
def test_fault_152_any_text_can_be_drawn(text):
    figure = new_figure(5, 3)
    axes = figure.subplots()
    axes.plot([0, 1], label=safe_label(text))
    axes.set_title(safe_label(text))
    axes.legend()
    drawn = svg_bytes(figure).decode()
    assert len(axes.get_legend().get_texts()) == 1
    assert "\x1b" not in drawn
    assert len(safe_label(text)) < 60


def test_fault_152_names_of_columns_in_every_figure():
    estimate = {"mean": np.array([1.0, 2.0]), "covariance": np.eye(2) + 0.1}
    rows = np.random.default_rng(0).normal(size=(30, 2))
    data = Dataset(rows, columns=["$\\frac{1}$ <b>", "\x1b[31m" + "x" * 5000])
    matched = match_fits([StandIn("MLE", estimate=estimate), StandIn("VB", "posterior", estimate, 0.1)], data=data)
    for name in ("forest", "marginals", "density"):
        assert b"\x1b" not in svg_bytes(FIGURES[name].plot(matched))
