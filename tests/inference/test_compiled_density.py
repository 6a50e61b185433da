import ctypes
import gc
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import nutpie
import pandas as pd
import pytest
from numba import njit
from pydantic import BaseModel

from stackcast.caches import ENVIRONMENT
from stackcast.compiled.data_vector import DataVector
from stackcast.compiled.density import Function, compile_callback, compiled_density, loaded
from stackcast.compiled.store import CodeStore, compile_cache
from stackcast.compiled.target import Target
from stackcast.graph.data import observe_as_of
from stackcast.graph.design import ROW_ROOM, build_design
from stackcast.inference.code_key import code_key
from stackcast.inference.coordinates import Coordinates
from stackcast.inference.preconditioner import expected_preconditioner
from stackcast.inference.sample import arrays_given, wrap_graph
from stackcast.provenance import syntax_hash
from tests.support import CHILD_PATH
from tests.toy import EARLIER, TODAY

POINTS = 5
CALL = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)
ELSEWHERE = """
import sys
import numpy as np
from stackcast.compiled.store import compile_cache
from stackcast.compiled.density import compiled_density
from tests.inference.test_compiled_density import evaluate

key, given, out = sys.argv[1:]
arrays = np.load(given)
code = compiled_density(key, None, compile_cache())
np.save(out, [evaluate(code, z, arrays["data"]) for z in arrays["z"]])
"""


@njit
def bowl(position, data):
    away = position - data
    return np.array(-0.5 * (away**2).sum()), -away


BOWL = Function(bowl, 3, 3)
CENTRE = np.array([1.0, -2.0, 3.0])


@pytest.fixture(scope="module")
def content():
    return compile_callback(BOWL)[1]


def evaluate(code, position, data):
    """Return status, density and gradient."""
    z, given = (np.ascontiguousarray(a, dtype=float) for a in (position, data))
    density, gradient = np.empty(1), np.empty(len(z))
    status = CALL(code.address)(len(z), *(a.ctypes.data for a in (z, gradient, density, given)))
    return np.array([status, density[0], *gradient])


def elsewhere(key, z, data, folder, store):
    """Return what a new process makes of the code that it finds in a store."""
    np.savez(folder / "given.npz", z=z, data=data)
    (folder / "elsewhere.py").write_text(ELSEWHERE)
    command = [sys.executable, folder / "elsewhere.py", key, folder / "given.npz", folder / "out.npy"]
    environment = {**os.environ, ENVIRONMENT: str(store.folder), "PYTHONPATH": CHILD_PATH}
    subprocess.run(command, check=True, env=environment)
    return np.load(folder / "out.npy")


def test_it_gives_density_and_gradient(content):
    np.testing.assert_array_equal(evaluate(loaded(content), np.zeros(3), CENTRE), [0, -7.0, *CENTRE])


def test_what_is_not_finite_is_reported(content):
    assert evaluate(loaded(content), [0.0, np.inf, 0.0], CENTRE)[0] == 1


def test_it_is_compiled_once(tmp_path, content):
    store, built = CodeStore(tmp_path), []

    def build():
        built.append(1)
        return BOWL

    found = [evaluate(compiled_density("a", build, store), np.ones(3), CENTRE) for _ in range(2)]
    assert built == [1]
    path = next(tmp_path.iterdir())
    path.write_bytes(path.read_bytes()[:5000])
    found.append(evaluate(compiled_density("a", build, store), np.ones(3), CENTRE))
    assert built == [1, 1]
    found.append(evaluate(compiled_density("a", build, store), np.ones(3), CENTRE))
    assert built == [1, 1]
    np.testing.assert_array_equal(found, [evaluate(loaded(content), np.ones(3), CENTRE)] * 4)


def test_it_works_where_nothing_can_be_kept(tmp_path):
    (tmp_path / "file").touch()
    code = compiled_density("a", lambda: BOWL, CodeStore(tmp_path / "file" / "cache"))
    assert evaluate(code, np.zeros(3), CENTRE)[1] == -7.0


def test_another_process_loads_it(tmp_path, content):
    store = CodeStore(tmp_path / "cache")
    store.put("a", content)
    z = np.random.default_rng(1).normal(size=(POINTS, 3))
    found = elsewhere("a", z, CENTRE, tmp_path, store)
    np.testing.assert_array_equal(found, [evaluate(loaded(content), point, CENTRE) for point in z])


def test_code_with_addresses_of_this_process_serves_it_and_is_not_kept(tmp_path):
    """As that of a design of many quarters, whose constant arrays are large."""

    def build():
        large = np.arange(float(1 << 18))

        @njit
        def leaning(position, data):
            return np.array(large[: len(position)].sum()), position + data

        return Function(leaning, 3, 3)

    code = compiled_density("a", build, CodeStore(tmp_path))
    gc.collect()
    np.testing.assert_array_equal(evaluate(code, np.ones(3), CENTRE), [0, 3.0, *(1 + CENTRE)])
    assert not list(tmp_path.iterdir())


def test_the_models_density_is_the_same_to_the_bit_in_another_process(compiled, design, observed, tmp_path):
    key, store = code_key(design), compile_cache()
    if store.get(key) is None:
        pytest.skip("the cache folder cannot be written here")
    given = arrays_given(coordinates := Coordinates(design, observed), expected_preconditioner(coordinates))
    data = DataVector.of(given).pack(given)
    z = 0.5 * np.random.default_rng(1).normal(size=(POINTS, coordinates.layout.size))
    here = np.array([evaluate(compiled.code, point, data) for point in z])
    assert not here[:, 0].any()
    np.testing.assert_array_equal(elsewhere(key, z, data, tmp_path, store), here)


def test_the_density_depends_on_the_design_alone(design, observed, rows):
    """So that a key without the observed data is enough: the data, the as-of date, the prior scenario, the effects."""
    from pytensor.graph.basic import equal_computations

    (z, data, density), (*other, again) = (
        wrap_graph(design, what) for what in (observed, observe_as_of(design, rows, EARLIER, "home", effects_on=0.0))
    )
    assert equal_computations([density], [again], [z, data], other)


def test_an_equal_design_has_an_equal_key(design, project):
    design.coords()
    parts = project.observations
    again = build_design(parts.rows, parts.signals, project.priors, TODAY)
    assert again is not design
    assert code_key(again) == code_key(design)


@pytest.mark.parametrize(("count", "roomy"), [(1, True), (ROW_ROOM, False)])
def test_one_more_observation_needs_no_new_compile_up_to_its_likelihoods_capacity(design, project, count, roomy):
    parts, last = project.observations, design.grid.quarters[-1]
    dense = parts.rows[parts.rows["signal"].isin(design.deviating)].sort_values("published")
    days = pd.date_range(last.start, periods=count)
    for _, newest in dense.groupby("signal").tail(1).iterrows():
        more = [newest.to_frame().T.assign(id=f"new/{d:%d}", period_start=d, period_end=d) for d in days]
        longer = pd.concat([parts.rows, pd.concat(more).astype(parts.rows.dtypes)])
        other = build_design(longer, parts.signals, project.priors, TODAY)
        assert (other.row_capacity == design.row_capacity) is roomy
        assert (code_key(other) == code_key(design)) is roomy


def test_the_key_covers_everything_that_determines_the_code(design, monkeypatch):
    keys = [code_key(design), code_key(replace(design, max_quarters=design.max_quarters + 1))]
    for name, value in (
        ("stackcast.inference.code_key.syntax_hash", lambda *_: "other"),
        ("stackcast.compiled.density.versions", lambda: {"numba": "0"}),
        ("stackcast.compiled.density.processor", lambda: ("other",)),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(name, value)
            keys.append(code_key(design))
    monkeypatch.setenv("NUMBA_OPT", "1")
    keys.append(code_key(design))
    assert len(set(keys)) == len(keys)


def leaves(declared, path=()):
    """Yield the place and value of every number of nested models."""
    if isinstance(declared, BaseModel):
        declared = {name: getattr(declared, name) for name in type(declared).model_fields}
    if isinstance(declared, dict):
        for name, value in declared.items():
            yield from leaves(value, (*path, name))
    elif isinstance(declared, float):
        yield path, declared


def with_leaf(declared, path, value):
    """Return nested models with one value replaced."""
    if not path:
        return value
    name, *rest = path
    if isinstance(declared, dict):
        return declared | {name: with_leaf(declared[name], rest, value)}
    return declared.model_copy(update={name: with_leaf(getattr(declared, name), rest, value)})


def test_every_number_of_the_scales_has_a_key_of_its_own(design):
    priors, keys = design.priors, {code_key(design)}
    places = list(leaves(priors.declared.scales))
    assert len(places) > 20
    for path, value in places:
        scales = with_leaf(priors.declared.scales, path, value * 1.01)
        declared = priors.declared.model_copy(update={"scales": scales})
        keys.add(code_key(replace(design, priors=replace(priors, declared=declared))))
    assert len(keys) == len(places) + 1


def test_words_have_no_key_of_their_own(design):
    priors = design.priors
    half = with_leaf(priors.declared.scales, ("half_life_share", "rationale"), "Said otherwise.")
    debate = priors.debate.model_copy(update={"title": "Another title"})
    other = replace(priors, debate=debate, declared=priors.declared.model_copy(update={"scales": half}))
    assert code_key(replace(design, priors=other)) == code_key(design)


def test_comments_and_docstrings_have_no_key_of_their_own(tmp_path, monkeypatch):
    plain = "def f(x):\n    return x + 1\n"
    explained = '"""Said."""\n\n\ndef f(x):\n    """Add."""\n    return x + 1  # one\n'
    found = []
    for i, source in enumerate([plain, explained, plain.replace("1", "2")]):
        root = tmp_path / str(i) / "stackcast"
        (root / "graph").mkdir(parents=True)
        (root / "graph" / "sum.py").write_text(source)
        monkeypatch.setattr("stackcast.provenance.__file__", str(root / "provenance.py"))
        syntax_hash.cache_clear()
        found.append(syntax_hash("graph"))
    syntax_hash.cache_clear()
    assert found[0] == found[1] != found[2]


def test_nutpie_samples_from_it(content):
    def draw(seed):
        target = Target(loaded(content), 3, CENTRE)
        tree = nutpie.sample(target, draws=2000, tune=300, chains=2, cores=1, seed=seed, progress_bar=False)
        return tree["posterior"]["z"].values

    first = draw(1)
    np.testing.assert_allclose(first.mean(axis=(0, 1)), CENTRE, atol=0.1)
    np.testing.assert_allclose(first.std(axis=(0, 1)), 1.0, atol=0.1)
    np.testing.assert_array_equal(draw(1), first)
    assert not np.array_equal(draw(2), first)
