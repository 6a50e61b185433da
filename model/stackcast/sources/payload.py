"""One file as its publisher served it."""

from dataclasses import dataclass
from datetime import date

from stackcast.errors import InputError


@dataclass(frozen=True)
class Payload:
    """One file as its source served it.

    Attributes
    ----------
    data
        Its bytes.
    origin
        The address it came from, or the path of a saved copy: for messages, and to tell formats apart.
    published
        The day that file or server states, or None.
    """

    data: bytes
    origin: str
    published: date | None = None

    @property
    def is_fetched(self) -> bool:
        """Whether it came from its server, and is no saved copy."""
        return ":" in self.origin and self.origin.partition(":")[0] in ("https", "http", "pkg")

    def day(self) -> date:
        """Return the publication day of the file.

        Raises
        ------
        InputError
            When neither the server nor the user says.
        """
        if self.published is None:
            raise InputError(f"{self.origin}: the file does not say when it was published; add --published DATE")
        return self.published
