// The plain graph of docs/model.md, term by term, on the same unconstrained coordinates: positive parameters by their
// logarithm. Innovations are standard, as in the graph. Index n + 1 into a vector with a zero appended means "none".
functions {
  // A facet's step: model/graph/dynamics.py
  matrix facet_paths(vector start, vector slope_start, matrix move, matrix rests, matrix alive, vector speed,
                     vector response, vector pull, int gap, real slope_memory) {
    int T = rows(move);
    int F = cols(move);
    matrix[F, T] eta;
    vector[F] level = start;
    vector[F] slope = slope_start;
    eta[, 1] = level;
    for (t in 2 : T) {
      vector[F] live = alive[t]';
      vector[F] rest = rests[t - 1]' - pull * level[gap];
      vector[F] shock = live .* move[t]';
      vector[F] still = level + live .* (slope + speed .* (rest - level));
      slope = slope + live * (slope_memory - 1) .* slope + response .* shock;
      level = still + shock;
      eta[, t] = level;
    }
    return eta';
  }
}
data {
  int<lower=1> T; // quarters
  int<lower=1> F; // facets
  int<lower=1> C; // factors
  int<lower=1> E; // effects
  int<lower=1> P; // pulled facets
  int<lower=1> S; // signals
  int<lower=1> L; // likelihood families
  int<lower=1> W; // deviating
  int<lower=1> n_sourced;
  int<lower=1> n_source;
  int<lower=1> n_indicator;
  int<lower=1> n_scaled;
  int<lower=1> n_noisy;
  int<lower=1> n_facet_node;
  int<lower=1> n_deviation_node;
  int<lower=1> n_family_node;
  int<lower=0> n_lagging;
  int<lower=0> n_bounded;

  // priors: mu and sigma as in the table of parameters
  real step_share_mu, step_share_sigma, step_gap_mu, step_gap_sigma, slope_response_mu, slope_response_sigma;
  vector[F] half_life_mu, half_life_sigma, rest_mu, rest_sigma;
  vector[P] gap_pull_sigma;
  vector[E] effect_sigma;
  real house_sd_mu, house_sd_sigma, house_floor;
  vector[n_indicator] intercept_mu, intercept_sigma;
  vector[n_scaled] loading_mu;
  real loading_sigma;
  vector[L] noise_mu, noise_sigma;
  real deviation_sd_mu, deviation_sd_sigma, family_sd_mu, family_sd_sigma;
  vector[n_lagging] lag_mean, lag_sd;

  // dynamics
  int gap;
  vector[F] is_share, start_spread;
  matrix[T, F] alive;
  array[P] int pulled;
  real slope_memory, deviation_memory, step_spread, noise_spread;
  vector[C] factor_memory, claim_mean;
  real factor_start;
  vector[E] effect_factor, edge_sign;
  array[E] int edge_factor, edge_facet;

  // places
  array[n_source] int population;
  vector[n_source] house_sign;
  array[S] int measured, base_place, scaled_place, kind, noisy_place, deviation_place, lagging_place, bounded_place;
  vector[S] sign, tilt;
  array[T, F] int facet_place;
  array[T, W] int deviation_node_place;
  matrix[T, W] deviation_fresh;
  array[S, T] int family_place;

  // rows, by what they are; each touches K quarters at most
  int K;
  int n_counts, n_share, n_bound, n_gap, n_ratio;
  array[n_counts, K] int counts_quarter;
  array[n_share, K] int share_quarter;
  array[n_bound, K] int bound_quarter;
  array[n_gap, K] int gap_quarter;
  array[n_ratio, K] int ratio_quarter;
  matrix[n_counts, K] counts_share;
  matrix[n_share, K] share_share;
  matrix[n_bound, K] bound_share;
  matrix[n_gap, K] gap_share;
  matrix[n_ratio, K] ratio_share;
  array[n_counts] int counts_signal, counts_y, counts_trials;
  array[n_share] int share_signal;
  array[n_bound] int bound_signal;
  array[n_gap] int gap_signal;
  array[n_ratio] int ratio_signal;
  vector[n_counts] counts_error, counts_lag, counts_unlabelled;
  vector[n_share] share_y, share_error, share_lag, share_unlabelled;
  vector[n_bound] bound_y, bound_error, bound_lag, bound_unlabelled, bound_side;
  vector[n_gap] gap_y, gap_error, gap_lag, gap_unlabelled;
  vector[n_ratio] ratio_y, ratio_error, ratio_lag, ratio_unlabelled;
  real dof, mean_bound;
}
transformed data {
  vector[C] factor_fresh = sqrt(1 - square(factor_memory));
}
parameters {
  real<lower=0> step_share;
  real<lower=0> step_gap;
  vector[F] step_z;
  vector<lower=0>[F] half_life;
  real<lower=0> slope_response;
  vector[F] rest;
  vector[F] start_z;
  vector[F] slope_z;
  vector<lower=0>[P] gap_pull;
  vector[n_facet_node] facet_shock;
  vector<lower=0>[E] effect;
  matrix[T, C] claim_shock;
  vector<lower=0>[n_sourced] house_sd;
  vector[n_source] house;
  vector[n_indicator] intercept;
  vector<lower=0>[n_scaled] loading;
  vector<lower=0>[L] noise;
  vector[n_noisy] noise_z;
  vector<lower=0>[W] deviation_sd;
  vector[n_deviation_node] deviation_shock;
  real<lower=0> family_sd;
  vector[n_family_node] family_shock;
  vector[n_lagging] lag_shift;
  vector[n_bounded] unlabelled;
}
model {
  step_share ~ lognormal(step_share_mu, step_share_sigma);
  step_gap ~ lognormal(step_gap_mu, step_gap_sigma);
  step_z ~ std_normal();
  half_life ~ lognormal(half_life_mu, half_life_sigma);
  slope_response ~ lognormal(slope_response_mu, slope_response_sigma);
  rest ~ normal(rest_mu, rest_sigma);
  start_z ~ std_normal();
  slope_z ~ std_normal();
  gap_pull ~ normal(0, gap_pull_sigma);
  facet_shock ~ std_normal();
  effect ~ normal(0, effect_sigma);
  to_vector(claim_shock) ~ std_normal();
  house_sd ~ lognormal(house_sd_mu, house_sd_sigma);
  house ~ normal(0, house_floor + house_sd[population]);
  intercept ~ normal(intercept_mu, intercept_sigma);
  loading ~ lognormal(loading_mu, loading_sigma);
  noise ~ lognormal(noise_mu, noise_sigma);
  noise_z ~ std_normal();
  deviation_sd ~ lognormal(deviation_sd_mu, deviation_sd_sigma);
  deviation_shock ~ std_normal();
  family_sd ~ lognormal(family_sd_mu, family_sd_sigma);
  family_shock ~ std_normal();
  lag_shift ~ normal(lag_mean, lag_sd);
  unlabelled ~ std_normal();

  matrix[T, S] path; // expected latent value of every signal
  vector[S] scale; // its extra noise
  vector[S] lag = append_row(lag_shift, 0)[lagging_place]; // what its rows share
  vector[S] left = append_row(unlabelled, 0)[bounded_place];
  {
    matrix[T, C] theta;
    {
      row_vector[C] moved = factor_start * claim_shock[1];
      theta[1] = claim_mean' + moved;
      for (t in 2 : T) {
        moved = factor_memory' .* moved + factor_fresh' .* claim_shock[t];
        theta[t] = claim_mean' + moved;
      }
    }

    vector[F] step = (step_share * is_share + step_gap * (1 - is_share)) .* exp(step_spread * step_z);
    vector[F] response = slope_response * is_share;
    vector[F] speed = 1 - exp2(-inv(half_life));
    vector[F] pull = rep_vector(0, F);
    pull[pulled] = gap_pull;
    matrix[C, F] onto = rep_matrix(0, C, F);
    for (e in 1 : E) {
      onto[edge_factor[e], edge_facet[e]] += effect[e] * effect_factor[e] * edge_sign[e];
    }
    vector[n_facet_node + 1] shock = append_row(facet_shock, 0);
    matrix[T, F] move;
    for (f in 1 : F) {
      move[, f] = step[f] * shock[facet_place[, f]];
    }
    matrix[T, F] eta = facet_paths(rest + start_spread .* start_z,
                                   response .* step / sqrt(1 - square(slope_memory)) .* slope_z, move,
                                   rep_matrix(rest', T) + theta * onto, alive, speed, response, pull, gap,
                                   slope_memory);

    matrix[T, W + 1] deviation;
    deviation[, W + 1] = rep_vector(0, T);
    vector[n_deviation_node + 1] fresh = append_row(deviation_shock, 0);
    for (w in 1 : W) {
      vector[T] moved = deviation_sd[w] * (deviation_fresh[, w] .* fresh[deviation_node_place[, w]]);
      for (t in 2 : T) {
        moved[t] += deviation_memory * moved[t - 1];
      }
      deviation[, w] = moved;
    }

    vector[n_family_node + 1] shared = append_row(family_sd * family_shock, 0);
    vector[n_source + n_indicator + 1] base = append_row(append_row(house_sign .* house, intercept), 0);
    vector[n_scaled + 1] size = append_row(loading, 1);
    matrix[T, F + C] latent = append_col(eta, theta);
    for (s in 1 : S) {
      path[, s] = base[base_place[s]] + sign[s] * size[scaled_place[s]] * latent[, measured[s]]
                  + deviation[, deviation_place[s]] + tilt[s] * shared[family_place[s]];
    }
    scale = noise[kind] .* exp(noise_spread * append_row(noise_z, 0)[noisy_place]);
  }

  {
    vector[n_counts] mean = lag[counts_signal] .* counts_lag + left[counts_signal] .* counts_unlabelled;
    for (i in 1 : n_counts) {
      mean[i] += counts_share[i] * path[counts_quarter[i], counts_signal[i]];
    }
    mean = fmin(fmax(inv_logit(mean), mean_bound), 1 - mean_bound);
    vector[n_counts] precision = inv((square(scale[counts_signal]) + square(counts_error)) .* mean .* (1 - mean));
    counts_y ~ beta_binomial(counts_trials, mean .* precision, (1 - mean) .* precision);
  }
  {
    vector[n_share] mu = lag[share_signal] .* share_lag + left[share_signal] .* share_unlabelled;
    for (i in 1 : n_share) {
      mu[i] += share_share[i] * path[share_quarter[i], share_signal[i]];
    }
    share_y ~ normal(mu, sqrt(square(scale[share_signal]) + square(share_error)));
  }
  {
    vector[n_bound] mu = lag[bound_signal] .* bound_lag + left[bound_signal] .* bound_unlabelled;
    for (i in 1 : n_bound) {
      mu[i] += bound_share[i] * path[bound_quarter[i], bound_signal[i]];
    }
    target += std_normal_lcdf(bound_side .* (bound_y - mu)
                              ./ sqrt(square(scale[bound_signal]) + square(bound_error)));
  }
  {
    vector[n_gap] mu = lag[gap_signal] .* gap_lag + left[gap_signal] .* gap_unlabelled;
    for (i in 1 : n_gap) {
      mu[i] += gap_share[i] * path[gap_quarter[i], gap_signal[i]];
    }
    gap_y ~ student_t(dof, mu, sqrt(square(scale[gap_signal]) + square(gap_error)));
  }
  {
    vector[n_ratio] mu = lag[ratio_signal] .* ratio_lag + left[ratio_signal] .* ratio_unlabelled;
    for (i in 1 : n_ratio) {
      mu[i] += ratio_share[i] * path[ratio_quarter[i], ratio_signal[i]];
    }
    ratio_y ~ normal(mu, sqrt(square(scale[ratio_signal]) + square(ratio_error)));
  }
}
