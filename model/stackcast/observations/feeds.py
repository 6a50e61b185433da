"""Feeds that signals declare in ``signals.yaml``: a panel of packages, or a series."""

from typing import Annotated, Literal, Self

from packaging.utils import canonicalize_name
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from stackcast.files.documents import Strict


def _canonical(name: str) -> str:
    wanted = canonicalize_name(name)
    if name != wanted:
        raise ValueError(f"a package is named as the index writes it: {wanted!r}")
    return name


Package = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"), AfterValidator(_canonical)
]
Packages = Annotated[tuple[Package, ...], Field(min_length=1)]


class Panel(Strict):
    """Packages whose downloads are summed on two sides.

    A signal of likelihood ``share`` is ``over`` / (``over`` + ``under``), a ``ratio`` is ``over`` / ``under``.
    """

    over: Packages
    under: Packages

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        both = sorted(set(self.over) & set(self.under))
        if both:
            raise ValueError(f"named on both sides: {', '.join(both)}")
        for side, names in (("over", self.over), ("under", self.under)):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"named twice in {side!r}: {', '.join(twice)}")
        return self


class Series(Strict):
    """A series of FRED; its numbers are divided by ``per`` to give the signal's unit."""

    series: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]+$")]
    every: Literal["month", "quarter"]
    per: Annotated[float, Field(gt=0)] = 1.0


class Feed(Strict):
    """Exactly one source, and what is read from it."""

    pypi: Panel | None = None
    fred: Series | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.pypi is None) == (self.fred is None):
            raise ValueError("give exactly one of 'pypi' and 'fred'")
        return self

    @property
    def source(self) -> str:
        """Name of the source, as on the command line."""
        return "pypi" if self.pypi is not None else "fred"

    def unfit(self, likelihood: str, per_unit: float) -> str | None:
        """Return why it does not fit a signal's likelihood and unit, or None."""
        if self.fred is not None and likelihood == "counts":
            return "a series has no numerator and denominator, so it cannot feed a signal of likelihood counts"
        if self.pypi is not None and likelihood not in ("share", "ratio"):
            return f"downloads feed a share or a ratio, and the signal's likelihood is {likelihood}"
        if self.pypi is not None and per_unit != 1:
            return f"downloads give natural units, so per_unit must be 1 (found {per_unit:g})"
        return None
