"""Counts checks, and knows which methods of a client nobody called."""

import functools
import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Checks:
    """Prints one JSON line a check: `{"check": …, "ok": …, "error": …}`."""

    def report(self, check: str, error: str | None = None) -> None:
        print(json.dumps({"check": check, "ok": error is None, "error": error}), flush=True)

    @contextmanager
    def check(self, name: str) -> Iterator[None]:
        """A block that must end without an error."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 whatever it is, it is a failed check
            self.report(name, f"{type(error).__name__}: {error}")
        else:
            self.report(name)

    @contextmanager
    def refused(self, name: str, code: str, exception: type[Exception]) -> Iterator[None]:
        """A block that the API must refuse with a code."""
        try:
            yield
        except exception as error:
            found = getattr(error, "code", None)
            self.report(name, None if found == code else f"refused with {found}: {error}")
        except Exception as error:  # noqa: BLE001
            self.report(name, f"{type(error).__name__}: {error}")
        else:
            self.report(name, "was not refused")


class Coverage:
    """Notes every public method that is called on classes of a client."""

    def __init__(self) -> None:
        self.called: set[str] = set()
        self.known: set[str] = set()

    def watch(self, cls: type, ignored: tuple[str, ...] = ()) -> None:
        """Methods of its own, whatever it inherits."""
        for name, function in inspect.getmembers(cls, inspect.isfunction):
            if name.startswith("_") or name in ignored or name not in vars(cls):
                continue
            self.known.add(f"{cls.__name__}.{name}")
            setattr(cls, name, self._noting(f"{cls.__name__}.{name}", function))

    def _noting(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def noted(*args: Any, **kwargs: Any) -> Any:
            self.called.add(name)
            return function(*args, **kwargs)

        return noted

    def forgotten(self) -> list[str]:
        return sorted(self.known - self.called)
