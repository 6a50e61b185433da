import numpy as np
import pytest

from stackcast.compiled.data_vector import DataVector


def test_arrays_come_back_as_they_went_in():
    given = {
        "a": np.arange(6.0).reshape(2, 3),
        "scalar": np.array(2.5),
        "index": np.array([3, 1]),
        "none": np.zeros((0, 4)),
    }
    packing = DataVector.of(given)
    vector = packing.pack(given)
    assert vector.shape == (9,)
    for name, part in packing.unpack(vector).items():
        assert part.shape == given[name].shape
        np.testing.assert_array_equal(part, given[name])


@pytest.mark.parametrize("other", [{"a": np.zeros(3)}, {"a": np.zeros(2), "b": np.zeros(1)}, {"b": np.zeros(2)}])
def test_arrays_of_another_shape_or_name_are_refused(other):
    with pytest.raises(AssertionError):
        DataVector.of({"a": np.zeros(2)}).pack(other)
