"""What every lab shares on the Python side: the page's bundle, presets, and JAX on request."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import anywidget
import traitlets

from ttlearn.labs.bank import pack_trajectory
from ttlearn.records import Trajectory

STATIC = pathlib.Path(__file__).parent / "static"


class Lab(anywidget.AnyWidget):
    """Base of all labs: parameters are the traits made by :mod:`ttlearn.labs.traits`.

    A subclass gives ``bundle`` (the JavaScript file's name), traits, ``presets``, and
    :meth:`trajectories`; see the existing labs.

    Arguments:
        link_name: name of this lab in links to its state; give one where a page holds two labs of
            the same kind.
        title: accessible name.
        moment: which moment of the run is shown, 0 (start) to 1 (end).
        parameters: any of the lab's traits.

    Raises:
        traitlets.TraitError: on a parameter that is unknown, or out of its range.
    """

    bundle: ClassVar[str] = ""
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    link_name = traitlets.Unicode("").tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    moment = traitlets.Float(1.0, min=0.0, max=1.0).tag(sync=True)
    value: traitlets.Dict = traitlets.Dict(help="All parameters, for what drives one value.")
    _controls: traitlets.List = traitlets.List().tag(sync=True)
    _presets: traitlets.List = traitlets.List().tag(sync=True)
    _bank = traitlets.Bytes(b"").tag(sync=True)

    def __init_subclass__(cls, **options: Any) -> None:
        if cls.bundle and "_esm" not in cls.__dict__:
            cls._esm = STATIC / f"{cls.bundle}.js"
        super().__init_subclass__(**options)

    def __init__(self, **parameters: Any) -> None:
        unknown = [name for name in parameters if not self.has_trait(name)]
        if unknown:
            known = sorted(type(self).parameter_names())
            raise traitlets.TraitError(f"{type(self).__name__} has no {unknown}; it has {known}")
        self._as_given = True  # the parameters stand as they are; nothing follows from them
        super().__init__(**parameters)
        self._as_given = False
        self._controls = [
            {"name": name, **self.traits()[name].metadata["control"]}
            for name in type(self).parameter_names()
        ]
        self._presets = [
            {"label": label, "values": dict(values)} for label, values in type(self).presets.items()
        ]
        self._gather()
        self.observe(self._gather, names=type(self).parameter_names())
        self.on_msg(self._answer)

    @classmethod
    def parameter_names(cls) -> list[str]:
        """The parameters, in the order of their declaration."""
        declared: dict[str, None] = {}
        for owner in reversed(cls.__mro__):
            for name, trait in vars(owner).items():
                if isinstance(trait, traitlets.TraitType) and trait.metadata.get("control"):
                    declared[name] = None
        return list(declared)

    def parameters(self) -> dict[str, Any]:
        """The parameters as they are now.

        What a link, a saved figure or a new lab needs to show the same thing.
        """
        return {name: getattr(self, name) for name in type(self).parameter_names()}

    def _gather(self, _change: Any = None) -> None:
        self.value = self.parameters()

    def preset(self, label: str) -> None:
        """Show one of the examples by its name.

        Raises:
            ValueError: on an unknown name; the message lists the known ones.
        """
        if label not in type(self).presets:
            raise ValueError(f"no example {label!r}; there are {list(type(self).presets)}")
        self.change(**type(self).presets[label])

    def change(self, **parameters: Any) -> None:
        """Set several parameters at once, checked together when all of them are in place."""
        with self.hold_trait_notifications():
            for name, value in parameters.items():
                if name not in type(self).parameter_names():
                    raise traitlets.TraitError(
                        f"no parameter {name!r}; there are {type(self).parameter_names()}"
                    )
                setattr(self, name, value)

    def trajectories(self) -> dict[str, Trajectory]:
        """The JAX trajectories of everything on the screen, by the name of their curve."""
        raise NotImplementedError

    def trajectory(self, name: str | None = None) -> Trajectory:
        """The JAX Trajectory of exactly what is on the screen.

        Arguments:
            name: which of several curves; the lab's main one if not given.

        Raises:
            ValueError: on a name that is not shown; the message lists those that are.
        """
        runs = self.trajectories()
        wanted = next(iter(runs)) if name is None else name
        if wanted not in runs:
            raise ValueError(f"no curve {wanted!r} is shown; there are {list(runs)}")
        return runs[wanted]

    def set_state(self, sync_data: Any) -> None:
        """State sent by the page: what follows from a change has been brought in line there."""
        with self.as_given():
            super().set_state(sync_data)

    @contextlib.contextmanager
    def as_given(self) -> Iterator[None]:
        """Within it a change is taken as it stands: nothing else is brought in line."""
        before, self._as_given = self._as_given, True
        try:
            yield
        finally:
            self._as_given = before

    def _answer(self, _widget: Any, content: Any, _buffers: Any) -> None:
        kind = content.get("kind") if isinstance(content, dict) else None
        if kind == "hello":
            import jax

            self.send({"kind": "here", "backend": f"JAX {jax.__version__}"})
        elif kind == "trajectory":
            self._send_trajectories(content.get("id"))

    def _send_trajectories(self, number: Any) -> None:
        self.send({"kind": "working", "id": number})
        try:
            runs = self.trajectories()
            packed = [pack_trajectory(run) for run in runs.values()]
        except Exception as error:
            self.send({"kind": "refused", "id": number, "reason": str(error)})
            if not isinstance(error, ValueError | traitlets.TraitError):
                raise  # unforeseen: the page goes on, and the notebook's log shows where it broke
            return
        self.send({"kind": "trajectory", "id": number, "slots": list(runs)}, buffers=packed)
