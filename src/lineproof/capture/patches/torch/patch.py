"""Where the hooks of PyTorch go."""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from lineproof.capture.fitted import Beside, FittedModel, fitted, in_file, keep_fitted
from lineproof.capture.patches.saving import Saved
from lineproof.capture.patches.sklearn.calls import argument
from lineproof.capture.patches.torch.data import Data
from lineproof.capture.patches.torch.training import Training
from lineproof.capture.saved import as_input, qualified, unknown_model

if TYPE_CHECKING:
    from types import ModuleType

    from lineproof.capture.instrument import Call
    from lineproof.capture.session import Session

__all__ = ["TorchPatch"]

_DEEPEST = 3  # levels of a checkpoint that are looked into
_MOST = 10_000  # tensors of a checkpoint that are looked at


class TorchPatch:
    """Observes trainings and checkpoints."""

    library = "torch"

    def install(self, module: ModuleType, session: Session) -> None:
        """Wrap the borders of a training; steps are heard of by PyTorch's own hook."""
        self._session = session
        self._data = Data(session)
        self._data.install(sys.modules["torch.utils.data"])
        self._modules: weakref.WeakSet[Any] = weakref.WeakSet()
        self._trainings: weakref.WeakKeyDictionary[Any, Training] = weakref.WeakKeyDictionary()
        self._all: list[Training] = []
        self._of_tensor: Beside[FittedModel] = Beside()
        self._saved = Saved(session, "torch")
        kind, wrap = module.nn.Module, session.instrument.wrap
        for name in ("parameters", "named_parameters"):
            wrap(kind, name, name=f"torch.nn.Module.{name}", after=self._asked)
        wrap(kind, "load_state_dict", name="torch.nn.Module.load_state_dict", after=self._filled)
        wrap(module.Tensor, "backward", name="torch.Tensor.backward", after=self._backward)
        wrap(module, "save", name="torch.save", before=self._settled, after=self._saving, on_error=True)
        wrap(module, "load", name="torch.load", before=self._settled, after=self._loaded)
        sys.modules["torch.optim.optimizer"].register_optimizer_step_post_hook(self._stepped)
        session.at_end(self._finish)

    def _stepped(self, optimizer: Any, *_: Any) -> None:
        """Hear of a step; PyTorch calls this after each step of any optimiser."""
        session = self._session
        if not session.listening or not session.instrument.enabled or session.worker:
            return
        try:
            training = self._trainings.get(optimizer)
            if training is None or training.ended:
                training = Training(session, optimizer, self._module_of(optimizer), self._data)
                self._trainings[optimizer] = training
                self._all.append(training)
            training.step()
        except Exception as error:
            session.fault("torch.optim.Optimizer.step", error)

    def _module_of(self, optimizer: Any) -> Any:
        """Find the model that owns the parameters of an optimiser: the largest that was asked for its own."""
        wanted = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
        found, most = None, 0
        for module in list(self._modules):
            own = {id(parameter) for parameter in module.parameters()}
            if own & wanted and len(own) > most:
                found, most = module, len(own)
        return found

    def _asked(self, call: Call) -> None:
        self._modules.add(call.args[0])

    def _backward(self, call: Call) -> None:
        if self._all and not self._all[-1].ended:
            self._all[-1].loss(call.args[0].detach())

    def _settled(self, _: Call) -> None:
        self._saved.settle(only_closed=True)

    def _saving(self, call: Call) -> None:
        value, target = argument(call, -1, ("obj",)), argument(call, 0, ("f",))
        models = list(self._models_in(value))
        if models and call.error is None:
            self._saved.keep(models, [], target)

    def _models_in(self, value: Any) -> Iterator[tuple[str | None, FittedModel, Any]]:
        """Give the models in what is saved: modules, or the states of modules that were trained here."""
        if _is_module(value):
            yield None, self._known(value), weakref.ref(value)
            return
        tensors = list(_tensors(value))
        for training in self._all:
            if training.is_of(tensors):
                model, module = training.end(), training.module
                yield None, model, _nothing if module is None else weakref.ref(module)
                return
        known = next((one for one in map(self._of_tensor.get, tensors) if one is not None), None)
        if known is not None:
            yield None, known, _nothing

    def _known(self, module: Any) -> FittedModel:
        tensors = list(module.parameters())
        for training in self._all:
            if training.is_of(tensors):
                return training.end()
        return fitted(module) or msgspec.structs.replace(
            unknown_model(module), estimator=qualified(type(module))
        )

    def _loaded(self, call: Call) -> None:
        path = argument(call, -1, ("f",))
        version = self._session.files.read(path)
        if version is None:
            return
        module = call.result if _is_module(call.result) else None
        tensors = [] if module is not None else list(_tensors(call.result))
        if module is None and not tensors:
            return
        known = in_file(version.digest)
        model = (
            known[0]
            if known
            else msgspec.structs.replace(
                unknown_model(module),
                estimator="torch.nn.Module" if module is None else qualified(type(module)),
                namespace="model",
                name=os.path.splitext(os.path.basename(version.name))[0],
                version=version.digest,
                path=version.name,
            )
        )
        if module is not None:
            keep_fitted(module, model)
        for tensor in tensors:
            self._of_tensor.set(tensor, model)
        self._session.emit("RUNNING", inputs=[as_input(model, version)])

    def _filled(self, call: Call) -> None:
        state = argument(call, 0, ("state_dict",))
        for tensor in _tensors(state):
            model = self._of_tensor.get(tensor)
            if model is not None:
                keep_fitted(call.args[0], model)
                return

    def _finish(self) -> None:
        for training in self._all:
            training.end()
        self._saved.settle()


def _nothing() -> None:
    """Stand in for a reference to a model that is gone."""


def _is_module(value: Any) -> bool:
    return isinstance(value, sys.modules["torch"].nn.Module)


def _tensors(value: Any, depth: int = 0) -> Iterator[Any]:
    """Give the tensors of a checkpoint."""
    if isinstance(value, Mapping) and depth < _DEEPEST and len(value) <= _MOST:
        for part in value.values():
            yield from _tensors(part, depth + 1)
    elif hasattr(value, "data_ptr"):
        yield value
