from benchmarks.store import measure


def test_the_store_benchmark_measures_what_it_says():
    found = measure(600)
    assert found["rows"] == 600
    assert set(found) == {"rows", "load_s", "as_of_s", "load+as_of_s", "add_row_s", "pandas_s", "ratio"}
    assert all(value > 0 for value in found.values())
