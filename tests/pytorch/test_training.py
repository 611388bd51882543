"""What a training with PyTorch leaves in the record."""


def test_a_training_is_a_run_with_its_settings(recorded):
    fit = recorded.fit
    assert fit["state"] == "COMPLETE"
    assert fit["given"]["lr"] == 0.01
    assert fit["resolved"]["optimizer"] == "torch.optim.adam.Adam"
    assert fit["resolved"]["loader.batch_size"] == 32
    assert fit["resolved"]["loader.shuffle"] is True
    assert (fit["resolved"]["epochs"], fit["resolved"]["steps"], fit["resolved"]["parameters"]) == (3, 15, 41)


def test_figures_of_the_program_and_the_loss_of_each_pass_have_steps(recorded):
    assert recorded.fit
    found = {(one["name"], one["step"]) for one in recorded.run["metrics"]}
    assert found == {(name, step) for name in ("loss", "valid.accuracy") for step in range(3)}


def test_the_checkpoint_is_a_model_that_came_from_the_columns_of_the_file(recorded):
    traced = recorded.ask("trace", "model:net@1", "--columns")
    sources = {node["name"] for node in traced["nodes"] if node["ref"].startswith("column:file")}
    assert {name.rpartition("#")[2] for name in sources} >= {"age", "income", "debt", "bad"}
    assert not {edge["precision"] for edge in traced["edges"]} & {"unknown"}
    assert traced["complete"]


def test_data_that_was_validated_on_is_an_input_too(recorded):
    assert recorded.fit
    names = [one["ref"] for one in recorded.run["inputs"]] + [one["ref"] for one in recorded.run["outputs"]]
    assert sum("TensorDataset.X" in name for name in names) >= 2


def test_predictions_belong_to_the_model_that_was_loaded(recorded):
    found = recorded.ask("explain", "prediction:17")
    assert found["model"]["ref"] == "model:net@1"


def test_the_record_is_verifiable(recorded):
    assert recorded.ask("verify")["ok"]


def test_results_are_the_same_recorded_or_not(recorded, plain):
    assert (recorded.folder / "scores.txt").read_bytes() == (plain / "scores.txt").read_bytes()
