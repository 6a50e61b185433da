from tests.toy import copy, failed_run, passed_run, project, runs_folder

__all__ = ["copy", "failed_run", "passed_run", "project", "runs_folder"]
