from tests.toy import copy, design, passed_run, project, runs_folder

__all__ = ["copy", "design", "passed_run", "project", "runs_folder"]
