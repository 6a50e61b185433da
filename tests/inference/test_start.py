"""What has no finite density is named before anything is sampled."""

from dataclasses import replace

import numpy as np
import pytest

from stackcast.errors import InputError
from stackcast.inference.coordinates import Coordinates
from stackcast.inference.preconditioner import expected_preconditioner
from stackcast.inference.start import require_finite_rows, require_finite_start


def spoilt(observed, key, value):
    """Return the data with one share's cell changed, and its row."""
    array = observed.data[f"share_{key}"].copy()
    array[2] = value
    rows = observed.rows
    chosen = rows[(rows["likelihood"] == "share") & (rows["slot"] == 2)].iloc[0]
    return replace(observed, data=observed.data | {f"share_{key}": array}), str(chosen["id"])


@pytest.fixture(scope="module")
def start(design, observed):
    coordinates = Coordinates(design, observed)
    return coordinates, expected_preconditioner(coordinates)


def test_sound_data_pass(observed, start):
    require_finite_rows(observed)
    require_finite_start(*start)


@pytest.mark.parametrize("value", [-np.inf, np.inf, np.nan, 1e200])
def test_an_observation_without_a_finite_place_is_named(observed, value):
    data, name = spoilt(observed, "y", value)
    with pytest.raises(InputError) as caught:
        require_finite_rows(data)
    [line] = str(caught.value).splitlines()
    assert line.startswith(f"observation {name} (value ")
    assert line.endswith("its term of the density is not finite where sampling starts")


def test_data_whose_density_is_not_finite_are_refused(observed, start):
    data, _ = spoilt(observed, "y", 1e154)
    require_finite_rows(data)
    with pytest.raises(InputError, match="its term of the density is not finite where sampling starts"):
        require_finite_start(replace(start[0], observed=data), start[1])
