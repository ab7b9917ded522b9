"""Small data sets that come with the package as CSV files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.readers.csv_table import csv_table
from pointmass.datasets.readers.roles import Roles

__all__ = [
    "animals",
    "darwin",
    "deaths",
    "dyestuff",
    "dyestuff2",
    "earthquakes",
    "faithful",
    "murray",
    "remissions",
    "role_conflict",
    "schools",
    "ulcer_patients",
]

_FOLDER = Path(__file__).parent / "data"


def faithful(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return 272 eruptions of Old Faithful: their duration and the wait until the next, in minutes.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; both columns, ``eruptions`` and ``waiting``, are features by default.

    Returns
    -------
    Dataset

    Notes
    -----
    Azzalini, A. and Bowman, A. W. (1990). A look at some data on the Old Faithful geyser. *Applied
    Statistics* 39, 357-365; as R's ``faithful``.

    Examples
    --------
    >>> data = faithful(columns="waiting")
    >>> data.X.shape, data.X[0, 0]
    ((272, 1), np.float64(79.0))
    """
    source = "Azzalini & Bowman (1990), Applied Statistics 39, 357-365, as R's faithful"
    roles = Roles(columns, target, labels, weights, sequence)
    return _read("faithful", ("eruptions", "waiting"), source, roles)


def darwin(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return how much taller 15 cross-fertilised maize plants grew than their self-fertilised fellows (1/8 inch).

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; the column ``difference`` is the feature by default.

    Returns
    -------
    Dataset

    Notes
    -----
    Darwin, C. (1876), *The Effects of Cross and Self Fertilisation in the Vegetable Kingdom*; Fisher, R. A. (1935),
    *The Design of Experiments*, chapter III. Two of the pairs differ the other way by far.

    Examples
    --------
    >>> data = darwin()
    >>> data.X.shape, data.X.mean().round(3)
    ((15, 1), np.float64(20.933))
    """
    source = "Darwin (1876), The Effects of Cross and Self Fertilisation, as in Fisher (1935)"
    return _read("darwin", ("difference",), source, Roles(columns, target, labels, weights, sequence))


def dyestuff(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = "yield",
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return the yields of 30 preparations of a dyestuff, five from each of six batches of raw material.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; the features are one indicator for each batch, A to F, the target is ``yield``.

    Returns
    -------
    Dataset

    Notes
    -----
    Davies, O. L. and Goldsmith, P. L. (1972). *Statistical Methods in Research and Production*, 4th ed., table 6.1; as
    ``Dyestuff`` in the R package lme4.

    Examples
    --------
    >>> data = dyestuff()
    >>> data.X.shape, float(data.y[0])
    ((30, 6), 1545.0)
    """
    source = "Davies & Goldsmith (1972), Statistical Methods in Research and Production, table 6.1"
    roles = Roles(columns, target, labels, weights, sequence)
    return _read("dyestuff", ("A", "B", "C", "D", "E", "F"), source, roles)


def dyestuff2(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = "yield",
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return 30 artificial yields of six batches, whose means differ less than chance alone would make them.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; the features are one indicator for each batch, A to F, the target is ``yield``.

    Returns
    -------
    Dataset

    Notes
    -----
    Box, G. E. P. and Tiao, G. C. (1973). *Bayesian Inference in Statistical Analysis*, section 5.1.2; as ``Dyestuff2``
    in the R package lme4.

    Examples
    --------
    >>> data = dyestuff2()
    >>> data.X.shape, float(data.y[0])
    ((30, 6), 7.298)
    """
    source = "Box & Tiao (1973), Bayesian Inference in Statistical Analysis, section 5.1.2"
    roles = Roles(columns, target, labels, weights, sequence)
    return _read("dyestuff2", ("A", "B", "C", "D", "E", "F"), source, roles)


def earthquakes(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return the number of earthquakes of magnitude 7 or more in the world, each year from 1900 to 2006.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; the feature is ``count`` by default, and ``year`` is there to be asked for.

    Returns
    -------
    Dataset
        One sequence of 107 years.

    Notes
    -----
    Zucchini, W., MacDonald, I. L. and Langrock, R. (2016). *Hidden Markov Models for Time Series*, 2nd ed.,
    CRC Press, table 1.1; from the U.S. Geological Survey.

    Examples
    --------
    >>> data = earthquakes()
    >>> data.columns, data.X.shape
    (('count',), (107, 1))
    """
    source = "Zucchini, MacDonald & Langrock (2016), Hidden Markov Models for Time Series, from the USGS"
    roles = Roles(columns, target, labels, weights, sequence)
    return _read("earthquakes", ("count",), source, roles)


def deaths(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return the deaths of women over 80 reported in The Times on each of 1,096 days, 1910 to 1912.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; the feature is ``deaths``. The days are sorted by their counts.

    Returns
    -------
    Dataset

    Notes
    -----
    Hasselblad, V. (1969). Estimation of finite mixtures of distributions from the exponential family. *Journal of the
    American Statistical Association* 64, 1459-1471.

    Examples
    --------
    >>> data = deaths()
    >>> data.X.shape, data.X.max()
    ((1096, 1), np.float64(9.0))
    """
    source = "Hasselblad (1969), JASA 64, 1459-1471, from The Times, 1910-1912"
    roles = Roles(columns, target, labels, weights, sequence)
    return _read("deaths", ("deaths",), source, roles)


def murray(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return 12 artificial rows of two columns, eight of them with a missing cell (NaN).

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; both columns, ``x1`` and ``x2``, are features by default.

    Returns
    -------
    Dataset

    Notes
    -----
    Murray, G. D. (1977), in the discussion of Dempster, Laird and Rubin, *Journal of the Royal Statistical Society* B
    39, 27-28: the likelihood of a bivariate normal has two maxima and a saddle, at which EM stands still.

    Examples
    --------
    >>> data = murray()
    >>> data.X[[0, 4, 8]].tolist()
    [[1.0, 1.0], [2.0, nan], [nan, 2.0]]
    """
    source = "Murray (1977), JRSS B 39, 27-28, in the discussion of Dempster, Laird & Rubin"
    roles = Roles(columns, target, labels, weights, sequence)
    return _read("murray", ("x1", "x2"), source, roles)


def remissions(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return the weeks that 21 leukaemia patients under 6-mercaptopurine stayed in remission, 12 of them censored.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; the limits ``lower`` and ``upper`` are features by default: equal where the relapse was seen,
        the upper one missing (NaN) where the patient was still in remission.

    Returns
    -------
    Dataset

    Notes
    -----
    Freireich, E. J. and others (1963), *Blood* 21, 699-716; as in Gehan, E. A. (1965), *Biometrika* 52, 203-223.

    Examples
    --------
    >>> remissions().X[:4].tolist()
    [[6.0, 6.0], [6.0, 6.0], [6.0, 6.0], [6.0, nan]]
    """
    source = "Freireich et al. (1963), Blood 21, 699-716, as in Gehan (1965), Biometrika 52, 203-223"
    roles = Roles(columns, target, labels, weights, sequence)
    return _read("remissions", ("lower", "upper"), source, roles)


def role_conflict(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return 216 students' answers to four questions on role conflict: 1 where duties to society come first.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; all four columns are features by default.

    Returns
    -------
    Dataset

    Notes
    -----
    Stouffer, S. A. and Toby, J. (1951). Role conflict and personality. *American Journal of Sociology* 56, 395-406. The
    students would (0) or would not (1) put a friend before everybody else: as a passenger in a car that has hurt a
    pedestrian, as a critic of a friend's play, as a doctor examining a friend, and as a director who knows a secret
    of the company. Goodman (1974) fitted two latent classes to them.

    Examples
    --------
    >>> data = role_conflict()
    >>> data.X.shape, data.X.mean(axis=0).round(3)
    ((216, 4), array([0.792, 0.5  , 0.514, 0.31 ]))
    """
    source = "Stouffer & Toby (1951), American Journal of Sociology 56, 395-406"
    roles = Roles(columns, target, labels, weights, sequence)
    features = ("auto_passenger", "drama_critic", "insurance_doctor", "board_director")
    return _read("role_conflict", features, source, roles)


def animals(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return the phenotypes of 197 animals in a cross of two linked genes: one row of four counts.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; all four columns are features by default.

    Returns
    -------
    Dataset

    Notes
    -----
    Rao, C. R. (1973). *Linear Statistical Inference and its Applications*, 2nd ed., Wiley, section 5g; the example that
    opens Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977), *Journal of the Royal Statistical Society* B 39, 1-38.

    Examples
    --------
    >>> animals().X.tolist()
    [[125.0, 18.0, 20.0, 34.0]]
    """
    source = "Rao (1973), Linear Statistical Inference, 5g, as in Dempster, Laird & Rubin (1977), JRSS B 39, 1-38"
    roles = Roles(columns, target, labels, weights, sequence)
    return _read("animals", ("AB", "Ab", "aB", "ab"), source, roles)


def schools(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return what coaching was estimated to add to test scores in eight schools, and the standard errors.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; both columns, ``effect`` and ``standard_error``, are features by default.

    Returns
    -------
    Dataset

    Notes
    -----
    Rubin, D. B. (1981). Estimation in parallel randomized experiments. *Journal of Educational Statistics* 6, 377-401.

    Examples
    --------
    >>> schools().X[0].tolist()
    [28.0, 15.0]
    """
    source = "Rubin (1981), Journal of Educational Statistics 6, 377-401"
    roles = Roles(columns, target, labels, weights, sequence)
    return _read("schools", ("effect", "standard_error"), source, roles)


def ulcer_patients(
    *,
    columns: str | Sequence[str] | None = None,
    target: str | None = None,
    labels: str | None = None,
    weights: str | None = None,
    sequence: str | None = None,
) -> Dataset:
    """Return the blood groups of 521 patients with a duodenal ulcer: one row of counts of A, B, AB and O.

    Parameters
    ----------
    columns, target, labels, weights, sequence
        As for `read_csv`; all four columns are features by default.

    Returns
    -------
    Dataset

    Notes
    -----
    Clarke, C. A. and others (1959). Secretion of blood group antigens and peptic ulcer. *British Medical Journal* 1,
    603-607; as in Lange, K. (2002), *Mathematical and Statistical Methods for Genetic Analysis*, section 2.3.

    Examples
    --------
    >>> ulcer_patients().X.tolist()
    [[186.0, 38.0, 13.0, 284.0]]
    """
    source = "Clarke et al. (1959), British Medical Journal 1, 603-607, as in Lange (2002), section 2.3"
    roles = Roles(columns, target, labels, weights, sequence)
    return _read("ulcer_patients", ("A", "B", "AB", "O"), source, roles)


def _read(name: str, features: tuple[str, ...], source: str, roles: Roles) -> Dataset:
    table, resolved = csv_table(_FOLDER / f"{name}.csv", roles, features)
    return table.dataset(resolved, name, source)
