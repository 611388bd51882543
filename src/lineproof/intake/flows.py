"""What the unexplained files of a run may have fed.

A program that reads with `open` and writes with `open` shows no path of the data in between. What
can be said is a superset: everything the run had read may be in what it wrote. For few files that is
inputs times outputs; for many, one dataset stands for the memory of the run and both sides are linked
to it, so that the number of edges is their sum and not their product.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from lineproof.intake.account import DatasetKey, RunAccount
from lineproof.intake.files import FileUse
from lineproof.model.openlineage import MEMORY_NAMESPACE, Dataset, DatasetVersion

__all__ = ["DATASETS_PER_EVENT", "Flow", "flows_of_late_process", "flows_of_run"]

DATASETS_PER_EVENT = 500
_LINKS_AT_MOST = 1000  # edges that inputs times outputs may make before the run's memory stands between


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """Datasets of one event: the inputs may all be in all of the outputs.

    Attributes:
        purpose: What tells this event from the others of the run; the same for a repeat.
    """

    purpose: str
    inputs: Sequence[Dataset] = ()
    outputs: Sequence[Dataset] = ()


def flows_of_run(
    account: RunAccount, uses: Mapping[str, FileUse], job: str, *, more_to_come: bool
) -> list[Flow]:
    """Give the flows of a run that has ended.

    Args:
        account: What the run's processes said.
        uses: The files of each process, by name of its spool.
        job: Name of the run's job.
        more_to_come: Processes of the run are alive, and may write what the run has read.
    """
    outputs = [dataset for use in uses.values() for dataset in use.outputs]
    inputs = _inputs_of_run(account, uses)
    if more_to_come or (outputs and not _fits_one_event(inputs, outputs)):
        memory = _memory_of(account.run, job)
        through = [flow for name, use in uses.items() for flow in _through(memory, use, name)]
        return [*_into(memory, inputs, "run"), *through]
    flows = [flow for name, use in uses.items() for flow in _into(None, use.inputs, name)]
    direct = [
        Flow(purpose=f"files/{name}/written/0", inputs=inputs, outputs=use.outputs)
        for name, use in uses.items()
        if use.outputs
    ]
    return [*flows, *direct]


def flows_of_late_process(run: str, name: str, use: FileUse, job: str) -> list[Flow]:
    """Give the flows of a process that outlived its run, by way of what the run held in memory.

    Their purposes are those that the process has in `flows_of_run`: what was recorded with the run
    is recognised.
    """
    return list(_through(_memory_of(run, job), use, name))


def _inputs_of_run(account: RunAccount, uses: Mapping[str, FileUse]) -> list[Dataset]:
    """Everything the run read and did not write itself: what it wrote came from the rest."""
    own = account.outputs | {_key(dataset) for use in uses.values() for dataset in use.outputs}
    inputs = {_key(dataset): dataset for dataset in _versions(account.inputs)}
    inputs |= {_key(dataset): dataset for use in uses.values() for dataset in use.inputs}
    return [dataset for key, dataset in inputs.items() if key not in own]


def _into(memory: Dataset | None, inputs: Sequence[Dataset], name: str) -> Iterator[Flow]:
    for number, batch in enumerate(_batches(inputs)):
        outputs = () if memory is None else (memory,)
        yield Flow(purpose=f"files/{name}/read/{number}", inputs=batch, outputs=outputs)


def _through(memory: Dataset, use: FileUse, name: str) -> Iterator[Flow]:
    yield from _into(memory, use.inputs, name)
    for number, batch in enumerate(_batches(use.outputs)):
        yield Flow(purpose=f"files/{name}/written/{number}", inputs=(memory,), outputs=batch)


def _batches(datasets: Sequence[Dataset]) -> Iterator[Sequence[Dataset]]:
    """Cut into parts that leave room for one more dataset in their event."""
    for start in range(0, len(datasets), DATASETS_PER_EVENT - 1):
        yield datasets[start : start + DATASETS_PER_EVENT - 1]


def _fits_one_event(inputs: Sequence[Dataset], outputs: Sequence[Dataset]) -> bool:
    few = len(inputs) + len(outputs) <= DATASETS_PER_EVENT
    return few and len(inputs) * len(outputs) <= _LINKS_AT_MOST


def _memory_of(run: str, job: str) -> Dataset:
    return _versioned(DatasetKey(MEMORY_NAMESPACE, f"{job}/process", f"run:{run}"))


def _versions(keys: Iterable[DatasetKey]) -> list[Dataset]:
    return [
        _versioned(key) for key in sorted(keys, key=lambda key: (key.namespace, key.name, key.content or ""))
    ]


def _versioned(key: DatasetKey) -> Dataset:
    facets = {} if key.content is None else {"version": DatasetVersion(dataset_version=key.content)}
    return Dataset(namespace=key.namespace, name=key.name, facets=facets)


def _key(dataset: Dataset) -> DatasetKey:
    version = dataset.facets.get("version")
    content = version.dataset_version if isinstance(version, DatasetVersion) else None
    return DatasetKey(dataset.namespace, dataset.name, content)
