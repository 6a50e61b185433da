"""Sampling: the preconditioner, NUTS, the gates, and the retry schedule of a run that fails one."""
