"""Faults that a mistaken formula would make, each with a quick test that must notice it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One fault: in ``file``, ``original`` becomes ``mutated``; ``test`` (a node of pytest) must fail."""

    fault: str
    file: str
    original: str
    mutated: str
    test: str

    def __str__(self) -> str:
        return self.fault.replace(" ", "-")


PRIORS = "families/test_conjugate_priors.py"
WISHART = "families/normal_inverse_wishart.py"
GAMMA = "families/normal_inverse_gamma.py"

BINARY = "families/test_binary_regression.py"

MUTANTS = [
    Mutant(
        "a constant of the Wishart is dropped",
        WISHART,
        " + multivariate_log_gamma(self.dof / 2.0, d))",
        ")",
        f"{PRIORS}::test_density_is_that_of_scipy[wishart-d2]",
    ),
    Mutant(
        "a degree of freedom of the predictive density is lost",
        WISHART,
        "freedom = np.broadcast_to(self.dof - d + 1.0, self.kappa.shape)",
        "freedom = np.broadcast_to(self.dof - d, self.kappa.shape)",
        "estimators/test_closed_forms.py::test_predictive_density_is_the_ratio_of_evidences[full]",
    ),
    Mutant(
        "the mode of a tied covariance forgets how many components share it",
        WISHART,
        "sharing = self.kappa.size // self.dof.size",
        "sharing = 1",
        "inference/test_em_sweep.py::test_every_iterate_is_that_of_naive_em[plain-soft-tied]",
    ),
    Mutant(
        "the divergence forgets the means",
        WISHART,
        "ratio_excess(prior.kappa / self.kappa) + prior.kappa * distance)",
        "ratio_excess(prior.kappa / self.kappa))",
        "inference/test_bound.py::test_bound_is_the_mean_of_log_p_minus_log_q[plain-full]",
    ),
    Mutant(
        "the update forgets the distance to the prior mean",
        WISHART,
        "scatter = moments.central_scatter() + moments.scatter_of(difference, self.kappa * share)",
        "scatter = moments.central_scatter()",
        "estimators/test_closed_forms.py::test_vb_is_the_exact_posterior_and_its_elbo_the_log_evidence[plain-full]",
    ),
    Mutant(
        "the covariance's sd is that of a Wishart",
        WISHART,
        "numerator = (freedom + 1.0) * self.scale**2 + (freedom - 1.0) * products",
        "numerator = freedom * (self.scale**2 + products)",
        f"{PRIORS}::test_mean_sd_and_quantiles_are_those_of_draws[wishart-d3]",
    ),
    Mutant(
        "a flat prior far from the rows blurs the mean",
        GAMMA,
        "mean=self._each(share) * moments.row_means() + self._each(rest) * self.mean,",
        "mean=self.mean + self._each(share) * difference,",
        f"{PRIORS}::test_a_flat_prior_far_from_the_rows_leaves_their_mean_alone[gamma-each-d3]",
    ),
    Mutant(
        "a common variance counts a row once, not once a column",
        GAMMA,
        "shape=self.shape + 0.5 * self.columns_per_variance * n_rows,",
        "shape=self.shape + 0.5 * n_rows,",
        "estimators/test_closed_forms.py::test_mle_is_the_sample_moments[near zero-plain-spherical]",
    ),
    Mutant(
        "the mean of the log weights is the log of their mean",
        "families/dirichlet.py",
        "digamma(alpha) - digamma(alpha.sum(-1, keepdims=True))",
        "np.log(alpha) - np.log(alpha.sum(-1, keepdims=True))",
        f"{PRIORS}::test_expected_log_likelihood_is_the_mean_over_draws[dirichlet]",
    ),
    Mutant(
        "an affine map scales variances once, not twice",
        "families/coordinates.py",
        "return np.asarray(variances * (self.scale.ravel() if self.scale.ndim == 2 else self.scale) ** 2)",
        "return np.asarray(variances * (self.scale.ravel() if self.scale.ndim == 2 else self.scale))",
        f"{PRIORS}::test_mapping_is_the_change_of_variables[gamma-each-d3]",
    ),
    Mutant(
        "tight components are never centred",
        "families/gaussian_kernel.py",
        "_LARGEST_SQUARED_DISTANCE = 1e5",
        "_LARGEST_SQUARED_DISTANCE = np.inf",
        "families/test_gaussian_kernel.py::test_log_density_keeps_its_digits[1e-08-0.0-full]",
    ),
    Mutant(
        "the spread of the mean is left out of the expected log density",
        "families/gaussian_kernel.py",
        'expected["log_determinant"] - expected["spread"]',
        'expected["log_determinant"]',
        "estimators/test_against_scikit_learn.py::"
        "test_vb_equals_bayesian_gaussian_mixture_where_its_update_is_conjugate[1-full-3]",
    ),
    Mutant(
        "the components' weights are forgotten",
        "latents/membership.py",
        'return beliefs["weights"].expected_natural_parameters()["log_weights"]',
        "return np.zeros(self.size)",
        "inference/test_em_sweep.py::test_every_iterate_is_that_of_naive_em[plain-soft-full]",
    ),
    Mutant(
        "responsibilities are normalised without taking the largest out",
        "latents/assignments.py",
        "    log_joint -= largest\n",
        "    largest = np.zeros_like(largest)\n",
        "latents/test_assignments.py::test_soft_is_bayes_rule[100000.0-1.0]",
    ),
    Mutant(
        "hard assignments report the log of a sum",
        "latents/assignments.py",
        "return responsibilities, log_joint[best, everyone]",
        "return responsibilities, np.logaddexp.reduce(log_joint, axis=0)",
        "inference/test_bound.py::test_hard_objective_is_the_best_path[full]",
    ),
    Mutant(
        "known labels are ignored",
        "latents/assignments.py",
        "    if labels is None:\n",
        "    if True:\n",
        "inference/test_em_sweep.py::test_every_iterate_is_that_of_naive_em[labels-soft-full]",
    ),
    Mutant(
        "weights count in the statistics but not in the objective",
        "latents/latent.py",
        "self.responsibilities * weights, self.log_normaliser * weights",
        "self.responsibilities * weights, self.log_normaliser",
        "estimators/test_weights_and_labels.py::test_whole_weights_are_repeated_rows[soft-plain-full-EM]",
    ),
    Mutant(
        "the objective forgets the volume of the working coordinates",
        "estimators/ascending.py",
        "volume = -sweep.rows.total_weight * self.coordinates_.log_determinant",
        "volume = 0.0",
        "estimators/test_results.py::test_a_points_objective_is_its_log_likelihood_and_log_prior[EM]",
    ),
    Mutant(
        "an accelerated step that falls is accepted",
        "inference/coordinate_ascent.py",
        "return not step.objective >= ascent.objective - slack",
        "return bool(np.isnan(step.objective))",
        "inference/test_monotone.py::test_accelerated_sweeps_never_fall[anderson-EM-full]",
    ),
    Mutant(
        "a collapsed component wins by its unbounded likelihood",
        "estimators/ascending.py",
        'status not in ("degenerate", "saddle")',
        "True",
        "estimators/test_results.py::test_a_proper_optimum_wins_over_a_collapse",
    ),
    Mutant(
        "a tied covariance is taken for one entry a component",
        WISHART,
        'return names if arrays[own].ndim == arrays["mean"].ndim else ()',
        "return ()",
        "models/test_models.py::test_columns_are_never_taken_for_components[tied]",
    ),
    Mutant(
        "a start smuggles other weights past those that are known",
        "estimators/starts.py",
        "kept[name] = prior if isinstance(prior, PointMass) else belief.with_hyperparameters(values)",
        "kept[name] = belief.with_hyperparameters(values)",
        "estimators/test_given_starts.py::test_known_weights_stay_known_whatever_the_start[EM]",
    ),
    Mutant(
        "the derivative of the responsibilities forgets that they sum to one",
        "latents/assignments.py",
        'moves -= np.einsum("kn,bkn->bn", responsibilities, moves)[:, None, :]',
        "pass",
        "inference/test_jacobian.py::test_the_statistics_answer_to_the_coefficients[plain-full-em]",
    ),
    Mutant(
        "the latents' share of the variance is left out",
        "uncertainty/information.py",
        "variances = {name: array + excess[name] for name, array in complete.items()}",
        "variances = complete",
        "uncertainty/test_information.py::test_old_faithful_has_its_published_standard_errors",
    ),
    Mutant(
        "linear response answers to the square of the missing fraction",
        "uncertainty/linearised.py",
        "turned @ (info.fractions / (1.0 - info.fractions))",
        "turned @ (info.fractions**2 / (1.0 - info.fractions))",
        "uncertainty/test_information.py::test_old_faithful_has_its_published_standard_errors",
    ),
    Mutant(
        "log weights are reversed before they are smoothed",
        "inference/importance.py",
        "array_stats.psislw(-log_weights)",
        "array_stats.psislw(log_weights)",
        "uncertainty/test_importance.py::test_the_sign_of_log_weights_is_right",
    ),
    Mutant(
        "the evidence counts one labelling",
        "inference/importance.py",
        "float(mean) + folding.log_copies",
        "float(mean)",
        "uncertainty/test_importance.py::test_overlapping_labels_are_folded_not_counted_twice",
    ),
    Mutant(
        "the sandwich has the information for a filling",
        "uncertainty/sandwich.py",
        "scores = info.factor.T @ linearised.jacobian.scores() @ info.factor",
        "scores = np.eye(len(info.fractions)) - (info.directions * info.fractions) @ info.directions.T",
        "uncertainty/test_information.py::test_the_sandwich_is_right_where_the_model_is_wrong",
    ),
    Mutant(
        "an incremental step keeps the entropy of the block it replaces",
        "inference/incremental.py",
        "self._held.parts[place], self._held.entropies[place] = new, new.log_normaliser - known",
        "self._held.parts[place] = new",
        "inference/test_schedules.py::test_no_partial_step_lowers_the_free_energy[poisson-em]",
    ),
    Mutant(
        "a sparse sweep gives what it looks at all of a row",
        "inference/sparse.py",
        "looked_at * share + held.responsibilities",
        "looked_at + held.responsibilities",
        "inference/test_schedules.py::test_no_sparse_sweep_lowers_the_free_energy[poisson-em]",
    ),
    Mutant(
        "the factors of a mean and a precision do not make up for one another",
        "families/normal_times_gamma.py",
        "shape = posterior.shape + 0.5 * posterior.columns_per_variance",
        "shape = posterior.shape + 0.0",
        "families/test_normal_times_gamma.py::test_no_other_product_is_nearer[full-1]",
    ),
    Mutant(
        "the spread of shared coefficients is left out of what they hide",
        "models/shared_coefficients_frame.py",
        "traces[0, 0] = (turned * turned.T).sum()",
        "traces[0, 0] = 0.0",
        "models/test_regression_uncertainty.py::test_information_is_the_curvature_of_the_evidence[EM]",
    ),
    Mutant(
        "coefficients do not feel the uncertainty of their precisions",
        "uncertainty/linearised.py",
        "moved = self.shaped(turned @ (1.0 / (1.0 - info.fractions)))",
        "moved = self.shaped(turned @ (info.fractions / (1.0 - info.fractions)))",
        "models/test_regression_uncertainty.py::test_information_is_the_curvature_of_the_evidence[EM]",
    ),
    Mutant(
        "a prior with an entry for each component passes for a shared one",
        "comparison/selection/prior_sizes.py",
        "for number in numbers:",
        "for number in ():",
        "comparison/test_selection.py::test_a_prior_with_an_entry_for_each_component_is_refused[model0]",
    ),
    Mutant(
        "the contrasts of a gate's prior are counted once for each class",
        "families/normal_logits.py",
        "constant = 0.5 * (k - 1) * (",
        "constant = 0.5 * k * (",
        "families/test_normal_logits.py::test_the_density_is_that_of_independent_contrasts",
    ),
    Mutant(
        "a gate's log partition forgets the weights of the rows",
        "families/logit_statistics.py",
        "return float(sum(w @ _excess(",
        "return float(sum(w.mean() * w.size * np.mean(_excess(",
        "families/test_normal_logits.py::test_a_change_is_the_difference_of_two_values[1.0]",
    ),
    Mutant(
        "the curvature of a gate forgets what its classes have in common",
        "families/logit_statistics.py",
        "@ shares - means[a] * means[b]",
        "@ shares",
        "families/test_normal_logits.py::test_slope_and_curvature_are_those_of_the_value",
    ),
    Mutant(
        "a gate's step is never halved",
        "families/logit_step.py",
        "if target.change(logits, step) >= -_ROUNDING * (1.0 + statistics.total_weight):",
        "if np.isfinite(target.change(logits, step)):",
        "families/test_normal_logits.py::test_a_guarded_step_never_falls_and_a_full_one_does",
    ),
    Mutant(
        "the log density of a row forgets its gate",
        "models/discrete.py",
        "return log_joint if offset is None else log_joint + offset",
        "return log_joint",
        "models/test_mixture_of_experts.py::test_the_likelihood_is_scipys_and_direct_maximisation_ends_where_ecm_ends",
    ),
    Mutant(
        "the score of a row forgets what the gate expects",
        "latents/gate.py",
        "surprise = inferred.responsibilities - np.exp(self.row_offset(beliefs, inferred.design))",
        "surprise = inferred.responsibilities",
        "models/test_mixture_of_experts.py::test_the_sandwich_has_the_scores_of_the_rows",
    ),
    Mutant(
        "draws of the parameters are weighed without their gates",
        "models/observed_likelihood.py",
        "log_joint += np.swapaxes(rows_alone, 0, 1)",
        "pass",
        "sampling/test_joint_density.py::test_experts[three experts-False]",
    ),
    Mutant(
        "the hidden value of a probit is on the wrong side",
        "families/normal_augmentation.py",
        "return np.ones_like(mean), mean + sign * _inverse_mills(sign * mean)",
        "return np.ones_like(mean), mean - sign * _inverse_mills(sign * mean)",
        f"{BINARY}::test_em_is_direct_maximisation[ProbitRegression]",
    ),
    Mutant(
        "the bound of the probit forgets the spread of the coefficients",
        "families/normal_augmentation.py",
        "log_ndtr(sign * mean) - 0.5 * variance",
        "log_ndtr(sign * mean)",
        f"{BINARY}::test_the_elbo_of_the_probit_is_a_mean_over_draws",
    ),
    Mutant(
        "the bound of the logistic forgets the spread of the coefficients",
        "families/logistic_augmentation.py",
        "        size = np.sqrt(mean**2 + variance)\n",
        "        size = np.abs(mean) + 0.0 * variance\n",
        f"{BINARY}::test_the_elbo_of_the_logistic_is_the_bound_of_jaakkola_and_jordan",
    ),
    Mutant(
        "the variance of a Polya-Gamma variable is that at zero",
        "families/logistic_augmentation.py",
        "return polya_gamma_variance(np.sqrt(mean**2 + variance))",
        "return polya_gamma_variance(0.0 * mean)",
        f"{BINARY}::test_information_is_the_numerical_hessian[EM-LogisticRegression]",
    ),
    Mutant(
        "the hidden values of a probit do not vary",
        "families/normal_augmentation.py",
        "return np.asarray(np.maximum(1.0 - ratio * (ratio + turned), 0.0))",
        "return np.zeros_like(turned)",
        f"{BINARY}::test_information_is_the_numerical_hessian[EM-ProbitRegression]",
    ),
    Mutant(
        "the exponential part of the envelope is twice too likely",
        "families/polya_gamma.py",
        "np.log(0.5 * np.pi)",
        "np.log(np.pi)",
        f"{BINARY}::test_polya_gamma_draws_have_their_laplace_transform[0.0]",
    ),
    Mutant(
        "inverse Gaussian proposals forget their tilt",
        "families/polya_gamma.py",
        "(rng.standard_exponential(own.size) > tilt)",
        "(rng.standard_exponential(own.size) > 0.0 * tilt)",
        f"{BINARY}::test_polya_gamma_draws_have_their_laplace_transform[3.0]",
    ),
    Mutant(
        "the prediction of a probit forgets the spread of the predictor",
        "families/normal_augmentation.py",
        "sign * mean / np.sqrt(1.0 + variance)",
        "sign * mean / np.sqrt(1.0 + 0.0 * variance)",
        f"{BINARY}::test_the_predictive_probability_is_a_mean_over_the_posterior[ProbitRegression]",
    ),
    Mutant(
        "the mean of a logistic function is taken at the mean",
        "families/logistic_normal.py",
        "logs = log_expit(mean[:, None] + sd[:, None] * steps) - 0.5 * steps**2",
        "logs = log_expit(mean[:, None] + 0.0 * steps) - 0.5 * steps**2",
        f"{BINARY}::test_the_mean_of_a_logistic_function_is_that_of_quad[3.0-2.5]",
    ),
    Mutant(
        "a flat prior's separation is overlooked",
        "families/separation.py",
        "return direction if gain @ direction > _LEAST else None",
        "return None",
        f"{BINARY}::test_separated_targets_are_on_the_boundary[complete-anderson-ProbitRegression]",
    ),
    Mutant(
        "the area of a cell is forgotten",
        "inference/plane_quadrature.py",
        "densities.sum() * abs(np.linalg.det(cell))",
        "densities.sum()",
        "sampling/test_plane.py::test_a_gaussian_has_its_closed_form",
    ),
    Mutant(
        "a default prior in the units of the data does not follow them",
        "families/binary_regression.py",
        "return units.mapped(_of_features(self._moments(rows, weights).coordinates(proper=True)))",
        "return units",
        f"{BINARY}::test_affine_maps_of_the_features_change_nothing[VB-ProbitRegression]",
    ),
]
