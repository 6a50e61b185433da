"""The likelihood families: how a published observation depends on the expected path of its signal.

One file a family. Each writes its log density once, in arithmetic that NumPy and PyTensor share, so the density that
is sampled is the density that scores. A new family is one file, one entry in :data:`FAMILIES`, and
one noise scale (``noise_<name>``) among the scales of ``priors/measurement.yaml`` and their schema.
"""

from stackcast.likelihoods.base import Encoded, Family
from stackcast.likelihoods.counts import COUNTS
from stackcast.likelihoods.gap import GAP
from stackcast.likelihoods.ratio import RATIO
from stackcast.likelihoods.share import SHARE

FAMILIES: dict[str, Family] = {family.name: family for family in (COUNTS, SHARE, GAP, RATIO)}

__all__ = ["FAMILIES", "Encoded", "Family"]
