from tests.toy import copy, design, observed, passed_run, project, rows, runs_folder

__all__ = ["copy", "design", "observed", "passed_run", "project", "rows", "runs_folder"]
