from tests.toy import copy, design, failed_run, observed, passed_run, project, rows, runs_folder

__all__ = ["copy", "design", "failed_run", "observed", "passed_run", "project", "rows", "runs_folder"]
