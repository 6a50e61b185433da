from tests.toy import copy, design, observed, passed_run, project, rows, runs_folder, trajectories

__all__ = ["copy", "design", "observed", "passed_run", "project", "rows", "runs_folder", "trajectories"]
