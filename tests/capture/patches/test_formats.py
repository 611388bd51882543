"""Model files of no one library: recognised by what they are."""

import numpy as np
import onnx
import pytest
import safetensors.numpy as safetensors
import skops.io
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression

from lineproof.capture.formats import model_format


@pytest.fixture
def graph():
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    return helper.make_model(
        helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", ends[:1], ends[1:])
    )


def formats(recording):
    recording.session.files.finish()
    return {
        line["body"]["path"].rpartition("/")[2]: line["body"].get("format")
        for line in recording.lines
        if line["kind"] == "file" and line["body"]["action"] != "opened"
    }


def test_onnx_and_safetensors_are_recognised_whoever_writes_them(recording, graph):
    safetensors.save_file({"w": np.ones(3)}, "w.safetensors")
    recording.session.files.opened("m.onnx", 0o1101)
    onnx.save(graph, "m.onnx")
    assert formats(recording) == {"w.safetensors": "safetensors", "m.onnx": "onnx"}


def test_a_file_that_only_has_the_ending_is_a_file(recording, tmp_path):
    (tmp_path / "a.onnx").write_text("not a model")
    (tmp_path / "b.safetensors").write_bytes(b"\xff" * 20)
    (tmp_path / "c.safetensors").write_bytes(b"")
    assert [model_format(str(tmp_path / name)) for name in ("a.onnx", "b.safetensors", "c.safetensors")] == [
        None
    ] * 3


def test_native_reads_are_seen(recording):
    safetensors.save_file({"w": np.ones(3)}, "w.safetensors")
    safetensors.load_file("w.safetensors")
    assert formats(recording) == {"w.safetensors": "safetensors"}


def test_a_model_saved_by_skops_is_a_version(recording, loan):
    model = LogisticRegression().fit(loan[["age"]], loan["bad"])
    skops.io.dump(model, "m.skops")
    found = [
        one for event in recording.events() for one in event.get("outputs", ()) if one["namespace"] == "model"
    ]
    assert [(one["name"], one["facets"]["lineproof_model"]["format"]) for one in found] == [("m", "skops.io")]
    loaded = skops.io.load("m.skops")
    assert recording.origins(loaded.predict(loan[["age"]]))[0][2] == "exact"
