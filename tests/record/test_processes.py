"""Programs made of several processes and threads are one run."""

from __future__ import annotations


def test_a_forked_process_is_part_of_the_run(project):
    project.write(
        "fork.py",
        """
        import os
        open("before.txt", "w").write("before")
        pid = os.fork()
        if pid == 0:
            open("child.txt", "w").write("child")
            os._exit(0)
        os.waitpid(pid, 0)
        open("after.txt", "w").write("after")
        print("parent done")
        """,
    )
    outcome = project.unharmed("fork.py")
    assert outcome.files.keys() == {"before.txt", "child.txt", "after.txt"}
    run = project.last_run()
    assert run.last["eventType"] == "COMPLETE"
    assert run.datasets("outputs").keys() == {"before.txt", "child.txt", "after.txt"}
    assert project.spools == []
    project.verified()


def test_a_fork_that_dies_does_not_end_the_run(project):
    project.write(
        "fork.py",
        """
        import os, signal
        pid = os.fork()
        if pid == 0:
            open("child.txt", "w").write("x")
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(pid, 0)
        print("still here")
        """,
    )
    assert project.unharmed("fork.py").exit_code == 0
    run = project.last_run()
    assert run.last["eventType"] == "COMPLETE"
    assert "child.txt" in run.datasets("outputs")
    assert "ended without saying how: 1" in run.gaps


def test_multiprocessing_pools_forked_and_spawned(project):
    project.write(
        "pool.py",
        """
        import multiprocessing, sys

        def work(number):
            with open(f"part{number}.txt", "w") as file:
                file.write(str(number))
            return number * number

        if __name__ == "__main__":
            for method in ("fork", "spawn"):
                with multiprocessing.get_context(method).Pool(2) as pool:
                    print(method, pool.map(work, range(4)))
        """,
    )
    outcome = project.unharmed("pool.py")
    assert outcome.exit_code == 0
    run = project.last_run()
    assert run.last["eventType"] == "COMPLETE"
    assert {f"part{number}.txt" for number in range(4)} <= run.datasets("outputs").keys()
    assert project.spools == []


def test_joblib_workers(project):
    project.write(
        "workers.py",
        """
        from joblib import Parallel, delayed

        def work(number):
            with open(f"part{number}.txt", "w") as file:
                file.write(str(number))
            return number

        if __name__ == "__main__":
            print(Parallel(n_jobs=2)(delayed(work)(number) for number in range(4)))
        """,
    )
    assert project.unharmed("workers.py").stdout == b"[0, 1, 2, 3]\n"
    run = project.last_run()
    assert run.last["eventType"] == "COMPLETE"
    assert run.datasets("outputs").keys() == {f"part{number}.txt" for number in range(4)}
    project.log()  # takes in workers that ended after the run
    assert project.spools == []
    project.verified()


def test_a_search_in_workers_is_one_child_run_of_the_script(project):
    project.write(
        "search.py",
        """
        import numpy as np
        from sklearn.linear_model import Ridge
        from sklearn.model_selection import GridSearchCV

        if __name__ == "__main__":
            X = np.random.default_rng(0).normal(size=(60, 3))
            search = GridSearchCV(Ridge(), {"alpha": [0.001, 100.0]}, cv=2, n_jobs=2)
            print(search.fit(X, X[:, 0]).best_params_)
        """,
    )
    outcome = project.recorded("search.py")
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (0, b"{'alpha': 0.001}\n", b"")
    run = project.last_run()
    assert run.last["eventType"] == "COMPLETE"
    assert list(run.children.values()) == ["COMPLETE"]
    assert run.coverage.get("faults", []) == []
    project.log()
    assert project.spools == []


def test_threads(project):
    project.write(
        "threads.py",
        """
        import threading
        import pandas as pd

        def work(number):
            frame = pd.DataFrame({"a": range(number + 1)})
            frame.assign(b=frame["a"] * 2).to_csv(f"part{number}.csv", index=False)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print("done")
        """,
    )
    project.unharmed("threads.py")
    run = project.last_run()
    assert run.last["eventType"] == "COMPLETE"
    assert run.datasets("outputs").keys() == {f"part{number}.csv" for number in range(8)}
    assert run.coverage.get("faults", []) == []
    project.verified()


def test_ten_runs_at_once_on_one_ledger(project):
    project.write(
        "one.py",
        """
        import sys
        number = sys.argv[1]
        open(f"out{number}.txt", "w").write(number)
        """,
    )
    processes = [project.start_recorded("one.py", str(number)) for number in range(10)]
    assert [process.wait(280) for process in processes] == [0] * 10
    runs = project.log()
    assert [run["state"] for run in runs] == ["COMPLETE"] * 10
    written = {name for event in project.events() for name in [d["name"] for d in event.get("outputs", [])]}
    assert {f"out{number}.txt" for number in range(10)} <= written
    assert project.spools == []
    project.verified()
