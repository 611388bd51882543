"""Which library is observed by which patch. A patch is imported when the program imports its library.

A class that observes several libraries names them in `LIBRARIES` and is told which one it is for.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lineproof.capture.patches.interface import Patch
    from lineproof.capture.session import Session

__all__ = ["PATCHES", "install"]

PATCHES = {
    "random": "lineproof.capture.patches.seeds:SeedsPatch",
    "numpy.random": "lineproof.capture.patches.seeds:SeedsPatch",
    "torch.random": "lineproof.capture.patches.seeds:SeedsPatch",
    "numpy": "lineproof.capture.patches.numpy:NumpyPatch",
    "pandas": "lineproof.capture.patches.pandas:PandasPatch",
    "duckdb": "lineproof.capture.patches.duckdb:DuckdbPatch",
    **dict.fromkeys(
        (
            "pyarrow",
            "pyarrow.compute",
            "pyarrow.csv",
            "pyarrow.dataset",
            "pyarrow.feather",
            "pyarrow.json",
            "pyarrow.orc",
            "pyarrow.parquet.core",
        ),
        "lineproof.capture.patches.pyarrow:PyarrowPatch",
    ),
    "sqlite3": "lineproof.capture.patches.databases.sqlite:SqlitePatch",
    "psycopg": "lineproof.capture.patches.databases.drivers:PsycopgPatch",
    "sqlalchemy": "lineproof.capture.patches.databases.alchemy:SqlalchemyPatch",
    "polars": "lineproof.capture.patches.polars:PolarsPatch",
    "sklearn": "lineproof.capture.patches.sklearn:SklearnPatch",
    "sklearn.datasets": "lineproof.capture.patches.sklearn:DatasetsPatch",
    "sklearn.metrics": "lineproof.capture.patches.sklearn:MetricsPatch",
    "sklearn.model_selection": "lineproof.capture.patches.sklearn:SelectionPatch",
    "sklearn.preprocessing": "lineproof.capture.patches.sklearn.functions:PreprocessingPatch",
    "sklearn.utils": "lineproof.capture.patches.sklearn:SamplingPatch",
    "pyspark.sql.dataframe": "lineproof.capture.patches.pyspark:PysparkPatch",
    "pyspark.sql.classic.dataframe": "lineproof.capture.patches.pyspark:PysparkPatch",
    "pyspark.sql.readwriter": "lineproof.capture.patches.pyspark:PysparkPatch",
    "pyspark.sql.session": "lineproof.capture.patches.pyspark:PysparkPatch",
    "xgboost": "lineproof.capture.patches.boosting:XgboostPatch",
    "lightgbm": "lineproof.capture.patches.boosting:LightgbmPatch",
    "torch": "lineproof.capture.patches.torch:TorchPatch",
    "optuna": "lineproof.capture.patches.optuna:OptunaPatch",
    "safetensors.numpy": "lineproof.capture.patches.formats:SafetensorsPatch",
    "safetensors.torch": "lineproof.capture.patches.formats:SafetensorsPatch",
    "IPython.core.interactiveshell": "lineproof.capture.patches.ipython:IpythonPatch",
    "joblib": "lineproof.capture.patches.persistence:PersistencePatch",
    "pickle": "lineproof.capture.patches.persistence:PersistencePatch",
    "cloudpickle": "lineproof.capture.patches.persistence:PersistencePatch",
    "skops.io": "lineproof.capture.patches.persistence:PersistencePatch",
}


def install(library: str, module: ModuleType, session: Session) -> None:
    """Install the patch of a library that the program has imported. A patch that fails is a fault.

    Args:
        library: Import name, a key of `PATCHES`.
        module: The library's module.
        session: The recording.
    """
    place, _, name = PATCHES[library].partition(":")
    from importlib import import_module

    try:
        kind = getattr(import_module(place), name)
        patch: Patch = kind(library) if hasattr(kind, "LIBRARIES") else kind()
        patch.install(module, session)
    except Exception as error:
        session.fault(f"patch.{library}", error)
