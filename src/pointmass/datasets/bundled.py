"""Small data sets that come with the package as CSV files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import EllipsisType

from pointmass.datasets.dataset import Dataset
from pointmass.datasets.readers.csv_table import csv_table
from pointmass.datasets.readers.roles import Roles

__all__ = ["BUNDLED", "Bundled"]

_FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Bundled:
    """A data set that comes with the package: called, it is read as `read_csv` reads a file.

    Parameters
    ----------
    name : str
        Its file's name.
    features : tuple of str
        Columns that are features by default.
    source : str
        Where it is from, in a line.
    about : str
        What documents it; the first paragraph is shown in lists.
    target : str, optional
        Column that is the target by default.

    Examples
    --------
    >>> data = BUNDLED["faithful"](columns="waiting")
    >>> data.X.shape, data.X[0, 0]
    ((272, 1), np.float64(79.0))
    >>> BUNDLED["dyestuff"]().y[:2].tolist()
    [1545.0, 1440.0]
    """

    name: str
    features: tuple[str, ...]
    source: str
    about: str
    target: str | None = None

    def __post_init__(self) -> None:
        """Let ``help`` show what the data are."""
        object.__setattr__(self, "__doc__", self.about)

    def __call__(
        self,
        *,
        columns: str | Sequence[str] | None = None,
        target: str | EllipsisType | None = ...,
        labels: str | None = None,
        weights: str | None = None,
        sequence: str | None = None,
    ) -> Dataset:
        """Return the data; the arguments are those of `read_csv`, and no ``target`` given is the data's own.

        Parameters
        ----------
        columns, target, labels, weights, sequence
            As for `read_csv`.

        Returns
        -------
        Dataset
        """
        chosen = self.target if isinstance(target, EllipsisType) else target
        roles = Roles(columns, chosen, labels, weights, sequence)
        table, resolved = csv_table(_FOLDER / f"{self.name}.csv", roles, self.features)
        return table.dataset(resolved, self.name, self.source)


_ALL = (
    Bundled(
        "faithful",
        ("eruptions", "waiting"),
        "Azzalini & Bowman (1990), Applied Statistics 39, 357-365, as R's faithful",
        """Return 272 eruptions of Old Faithful: their duration and the wait until the next, in minutes.

        Both columns, ``eruptions`` and ``waiting``, are features by default.

        Azzalini, A. and Bowman, A. W. (1990). A look at some data on the Old Faithful geyser. *Applied Statistics* 39,
        357-365; as R's ``faithful``.
        """,
    ),
    Bundled(
        "earthquakes",
        ("count",),
        "Zucchini, MacDonald & Langrock (2016), Hidden Markov Models for Time Series, from the USGS",
        """Return the number of earthquakes of magnitude 7 or more in the world, each year from 1900 to 2006.

        The feature is ``count`` by default, and ``year`` is there to be asked for. One sequence of 107 years.

        Zucchini, W., MacDonald, I. L. and Langrock, R. (2016). *Hidden Markov Models for Time Series*, 2nd ed., CRC
        Press, table 1.1; from the U.S. Geological Survey.
        """,
    ),
    Bundled(
        "darwin",
        ("difference",),
        "Darwin (1876), The Effects of Cross and Self Fertilisation, as in Fisher (1935)",
        """Return how much taller 15 cross-fertilised maize plants grew than their self-fertilised fellows (1/8 inch).

        The column ``difference`` is the feature by default.

        Darwin, C. (1876), *The Effects of Cross and Self Fertilisation in the Vegetable Kingdom*; Fisher, R. A. (1935),
        *The Design of Experiments*, chapter III. Two of the pairs differ the other way by far.
        """,
    ),
    Bundled(
        "deaths",
        ("deaths",),
        "Hasselblad (1969), JASA 64, 1459-1471, from The Times, 1910-1912",
        """Return the deaths of women over 80 reported in The Times on each of 1,096 days, 1910 to 1912.

        The feature is ``deaths``. The days are sorted by their counts.

        Hasselblad, V. (1969). Estimation of finite mixtures of distributions from the exponential family. *Journal of
        the American Statistical Association* 64, 1459-1471.
        """,
    ),
    Bundled(
        "dyestuff",
        ("A", "B", "C", "D", "E", "F"),
        "Davies & Goldsmith (1972), Statistical Methods in Research and Production, table 6.1",
        """Return the yields of 30 preparations of a dyestuff, five from each of six batches of raw material.

        The features are one indicator for each batch, A to F, the target is ``yield``.

        Davies, O. L. and Goldsmith, P. L. (1972). *Statistical Methods in Research and Production*, 4th ed., table 6.1;
        as ``Dyestuff`` in the R package lme4.
        """,
        target="yield",
    ),
    Bundled(
        "dyestuff2",
        ("A", "B", "C", "D", "E", "F"),
        "Box & Tiao (1973), Bayesian Inference in Statistical Analysis, section 5.1.2",
        """Return 30 artificial yields of six batches, whose means differ less than chance alone would make them.

        The features are one indicator for each batch, A to F, the target is ``yield``.

        Box, G. E. P. and Tiao, G. C. (1973). *Bayesian Inference in Statistical Analysis*, section 5.1.2; as
        ``Dyestuff2`` in the R package lme4.
        """,
        target="yield",
    ),
    Bundled(
        "motorcycle",
        ("time",),
        "Silverman (1985), JRSS B 47, 1-52, as R's MASS::mcycle",
        """Return 133 accelerations of a dummy's head (g) and their times (ms) after a simulated motorcycle's impact.

        The feature is ``time``, the target is ``acceleration``.

        Silverman, B. W. (1985). Some aspects of the spline smoothing approach to non-parametric regression curve
        fitting. *Journal of the Royal Statistical Society* B 47, 1-52; as ``mcycle`` in the R package MASS.
        """,
        target="acceleration",
    ),
    Bundled(
        "tones",
        ("stretch",),
        "Cohen (1980), Inharmonic Tone Perception, as in De Veaux (1989) and R's fpc::tonedata",
        """Return how a musician tuned an octave in 150 trials, in which the overtones of the tone were stretched.

        The feature is ``stretch``, the ratio to which an octave of the overtones was stretched (2 is the usual one),
        the target is ``tuned``, the ratio of the tone that was tuned to the fundamental one.

        Cohen, E. A. (1980). *Inharmonic Tone Perception*, dissertation, Stanford University; as in De Veaux, R. D.
        (1989), Mixtures of linear regressions, *Computational Statistics and Data Analysis* 8, 227-245, and as
        ``tonedata`` in the R package fpc.
        """,
        target="tuned",
    ),
    Bundled(
        "stock_returns",
        ("previous",),
        "StataCorp, Stata Time-Series Reference Manual, mswitch: snp500; as in the tests of statsmodels",
        """Return 520 absolute returns (%) of the Standard & Poor's 500 index, each beside the one before it.

        The feature is ``previous``, the target is ``absolute_return``: a regression of the series on its own past. The
        rows are in their order.

        StataCorp (2015). *Stata Time-Series Reference Manual, Release 14*, mswitch, data set ``snp500``; the numbers as
        in the tests of statsmodels' ``MarkovRegression``.
        """,
        target="absolute_return",
    ),
    Bundled(
        "murray",
        ("x1", "x2"),
        "Murray (1977), JRSS B 39, 27-28, in the discussion of Dempster, Laird & Rubin",
        """Return 12 artificial rows of two columns, eight of them with a missing cell (NaN).

        Both columns, ``x1`` and ``x2``, are features by default.

        Murray, G. D. (1977), in the discussion of Dempster, Laird and Rubin, *Journal of the Royal Statistical Society*
        B 39, 27-28: the likelihood of a bivariate normal has two maxima and a saddle, at which EM stands still.
        """,
    ),
    Bundled(
        "role_conflict",
        ("auto_passenger", "drama_critic", "insurance_doctor", "board_director"),
        "Stouffer & Toby (1951), American Journal of Sociology 56, 395-406",
        """Return 216 students' answers to four questions on role conflict: 1 where duties to society come first.

        All four columns are features by default.

        Stouffer, S. A. and Toby, J. (1951). Role conflict and personality. *American Journal of Sociology* 56, 395-406.
        The students would (0) or would not (1) put a friend before everybody else: as a passenger in a car that has
        hurt a pedestrian, as a critic of a friend's play, as a doctor examining a friend, and as a director who knows a
        secret of the company. Goodman (1974) fitted two latent classes to them.
        """,
    ),
    Bundled(
        "animals",
        ("AB", "Ab", "aB", "ab"),
        "Rao (1973), Linear Statistical Inference, 5g, as in Dempster, Laird & Rubin (1977), JRSS B 39, 1-38",
        """Return the phenotypes of 197 animals in a cross of two linked genes: one row of four counts.

        All four columns are features by default.

        Rao, C. R. (1973). *Linear Statistical Inference and its Applications*, 2nd ed., Wiley, section 5g; the example
        that opens Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977), *Journal of the Royal Statistical Society* B
        39, 1-38.
        """,
    ),
    Bundled(
        "ulcer_patients",
        ("A", "B", "AB", "O"),
        "Clarke et al. (1959), British Medical Journal 1, 603-607, as in Lange (2002), section 2.3",
        """Return the blood groups of 521 patients with a duodenal ulcer: one row of counts of A, B, AB and O.

        All four columns are features by default.

        Clarke, C. A. and others (1959). Secretion of blood group antigens and peptic ulcer. *British Medical Journal*
        1, 603-607; as in Lange, K. (2002), *Mathematical and Statistical Methods for Genetic Analysis*, section 2.3.
        """,
    ),
    Bundled(
        "beetles",
        ("log_dose",),
        "Bliss (1935), Annals of Applied Biology 22, 134-167, as in Dobson (1990), table 8.1",
        """Return how many of 481 beetles five hours of carbon disulphide killed, at eight doses.

        A row is a dose and an outcome: the feature is ``log_dose`` (base 10, mg/l), the target ``killed`` is 0 or 1,
        and the column ``beetles``, to be asked for as ``weights``, counts them.

        Bliss, C. I. (1935). The calculation of the dosage-mortality curve. *Annals of Applied Biology* 22, 134-167; as
        in Dobson, A. J. (1990), *An Introduction to Generalized Linear Models*, table 8.1.
        """,
        target="killed",
    ),
    Bundled(
        "vaso_constriction",
        ("log_volume", "log_rate"),
        "Finney (1947), Biometrika 34, 320-334, as in Pregibon (1981), Annals of Statistics 9",
        """Return whether the skin of the fingers constricted (1) after each of 39 breaths of air.

        The features are the logarithms of the air's volume and rate, ``log_volume`` and ``log_rate``, the target is
        ``constricted``; ``volume`` and ``rate`` are there to be asked for.

        Finney, D. J. (1947). The estimation from individual records of the relationship between dose and quantal
        response. *Biometrika* 34, 320-334; as in Pregibon, D. (1981), *Annals of Statistics* 9, 705-724.
        """,
        target="constricted",
    ),
    Bundled(
        "xor",
        ("x1", "x2"),
        "Minsky & Papert (1969), Perceptrons; ten copies of the truth table",
        """Return 40 rows of two bits and whether they differ: each of the four pairs ten times.

        The features are ``x1`` and ``x2``, the target is ``y``.

        Minsky, M. and Papert, S. (1969). *Perceptrons*. The smallest classes that no line divides.
        """,
        target="y",
    ),
    Bundled(
        "schools",
        ("effect", "standard_error"),
        "Rubin (1981), Journal of Educational Statistics 6, 377-401",
        """Return what coaching was estimated to add to test scores in eight schools, and the standard errors.

        Both columns, ``effect`` and ``standard_error``, are features by default.

        Rubin, D. B. (1981). Estimation in parallel randomized experiments. *Journal of Educational Statistics* 6,
        377-401.
        """,
    ),
    Bundled(
        "remissions",
        ("lower", "upper"),
        "Freireich et al. (1963), Blood 21, 699-716, as in Gehan (1965), Biometrika 52, 203-223",
        """Return the weeks that 21 leukaemia patients under 6-mercaptopurine stayed in remission, 12 of them censored.

        The limits ``lower`` and ``upper`` are features by default: equal where the relapse was seen, the upper one
        missing (NaN) where the patient was still in remission.

        Freireich, E. J. and others (1963), *Blood* 21, 699-716; as in Gehan, E. A. (1965), *Biometrika* 52, 203-223.
        """,
    ),
)

BUNDLED: dict[str, Bundled] = {each.name: each for each in _ALL}
"""Every data set that comes with the package, by its name."""
